/** Gives a test run of the examples a temporary folder of its own, and removes it with all that the tests left there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "examples-"));
  // Where `os.tmpdir()` looks, in the test's workers and in what they start.
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
