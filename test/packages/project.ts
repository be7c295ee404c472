/** An empty project outside of the repository, with tarballs and packages of the registry installed in it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "comhe-project-"));
  /** How long the installation took. */
  readonly seconds: number;

  constructor(packages: readonly string[]) {
    this.write("package.json", JSON.stringify({ private: true, name: "project", version: "1.0.0" }));
    const started = performance.now();
    this.install(packages);
    this.seconds = (performance.now() - started) / 1000;
  }

  install(packages: readonly string[]): void {
    // Without install scripts: those of gl and onnxruntime-node download.
    this.run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...packages]);
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Both within the project. */
  copy(from: string, to: string): void {
    cpSync(join(this.folder, from), join(this.folder, to));
  }

  /** @returns what it printed. Throws with all of it where the command fails. */
  run(command: string, args: readonly string[]): string {
    try {
      return execFileSync(command, args, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${[command, ...args].join(" ")} failed:\n${stdout}\n${stderr}`);
    }
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
