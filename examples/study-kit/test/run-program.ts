/** Starts an example's compiled program as a user does, and gives back what it printed. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A function that starts `dist/main.js` of the example whose test is at `test` (its `import.meta.url`). With `interruptAt` it presses Ctrl-C, once,
 * when that text has been written to stderr.
 */
export function programOf(test: string): (args: readonly string[], interruptAt?: string) => Promise<Outcome> {
  const program = fileURLToPath(new URL("../dist/main.js", test));
  return (args, interruptAt) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args]);
      let stdout = "";
      let stderr = "";
      let interrupted = false;
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
        if (interrupted || interruptAt === undefined || !stderr.includes(interruptAt)) return;
        interrupted = child.kill("SIGINT");
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
}

/** A printed table's rows without their last column, which is wall time. */
export const tableOf = (stdout: string): string[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) => line.split("│").slice(1, -2).join("|"));
