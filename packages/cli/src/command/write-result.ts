/** Results go out whole or not at all: a full disk is said, and never leaves half a report that looks like one. */
import { fstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** What went wrong with standard output, if anything did. */
let printProblem: string | undefined;
let nobodyReads = false;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `| head` has seen enough.
  if (error.code === "EPIPE") nobodyReads = true;
  else printProblem ??= error.message;
});
// A limit on file sizes (`ulimit -f`) would end the process; this way it is an error like any other.
process.on("SIGXFSZ", () => {});

export function printResult(text: string): void {
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

/** Once all is written. `undefined` where the result was printed whole, or nobody wants the rest. */
export async function whyNotPrinted(): Promise<string | undefined> {
  if (!nobodyReads && printProblem === undefined) {
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  }
  return printProblem;
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

/** Writes beside the file and renames, so that what was there stays until the new one is whole. @throws Error of the system */
export function writeWhole(file: string, text: string): void {
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
