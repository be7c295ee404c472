/** Starts the compiled command as users do, and gives back what it printed and its exit code. */
import { type ExecFileOptions, execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The compiled program. */
export const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Any program; `comheIn` is the one to take for the command. */
export const run = (program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 1e8, ...options, encoding: "utf8" }, (error, stdout, stderr) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, stdout, stderr }),
    );
  });

/** `comhe …` run in a folder. */
export const comheIn =
  (folder: string | undefined, options: ExecFileOptions = {}) =>
  (...args: string[]): Promise<Outcome> =>
    run(process.execPath, [main, ...args], { ...options, ...(folder === undefined ? {} : { cwd: folder }) });
