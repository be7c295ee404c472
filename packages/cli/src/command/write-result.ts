/** Results go out whole or not at all: a full disk is said, and never leaves half a report that looks like one. */
import { fstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** What went wrong with standard output, if anything did. */
let printProblem: string | undefined;
let nobodyReads = false;
let printed = "";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `| head` has seen enough.
  if (error.code === "EPIPE") nobodyReads = true;
  else printProblem ??= error.message;
});
// Where progress and messages can't be shown, the audit goes on all the same.
process.stderr.on("error", () => {});
// A limit on file sizes (`ulimit -f`) would end the process; this way it is an error like any other.
process.on("SIGXFSZ", () => {});

export function printResult(text: string): void {
  printed += text;
  if (nobodyReads || printProblem !== undefined) return;
  if (!isFile(1)) {
    process.stdout.write(text);
    return;
  }
  try {
    // Node's own stream takes a short write to a full disk for a whole one.
    writeFileSync(1, text);
  } catch (error) {
    printProblem = (error as Error).message;
  }
}

/**
 * To be asked once all is printed; `undefined` where it came out whole, or nobody wants the rest.
 * @returns the system's reason, and the result, that it may be shown elsewhere
 */
export async function notPrinted(): Promise<{ problem: string; result: string } | undefined> {
  if (!nobodyReads && printProblem === undefined) {
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  }
  return printProblem === undefined ? undefined : { problem: printProblem, result: printed };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

/** Writes beside the file and renames, so that what was there stays until the new one is whole. @throws Error of the system */
export function writeWhole(file: string, text: string | Uint8Array): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status && !status.isFile()) {
    writeFileSync(file, text);
    return;
  }
  // Through a link, to what it points at.
  const target = status ? realpathSync(file) : file;
  const part = `${target}.${process.pid}.part`;
  try {
    writeFileSync(part, text, status ? { mode: status.mode } : {});
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
