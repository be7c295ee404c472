/**
 * A run is named by a hash of everything that determines it: its settings, the data, and the code that trains. A stored
 * run is used again only under the same name, so a changed setting, data file or line of code can't pass for an old run.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "@comhe/jobs";

/** Hash of a JSON value, independent of the order of keys. */
export function runKey(determinants: unknown): string {
  return createHash("sha256").update(canonicalJson(determinants)).digest("hex").slice(0, 24);
}

/** Hash of the contents of files; a folder stands for the JavaScript in it. */
export function filesDigest(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of statSync(path).isDirectory() ? javaScriptIn(path) : [path]) {
      hash.update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 24);
}

function javaScriptIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => join(folder, name));
}
