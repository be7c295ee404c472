/** The packages in the order of the repository's README: what most people need comes first. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** @returns {string[]} the folders of `packages` that have a README; those that the list doesn't name come last */
export function packagesInOrder() {
  const listed = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^\| \[`@comhe\/([a-z]+)`\]/gm)].map(
    ([, name]) => name,
  );
  const place = (name) => (listed.includes(name) ? listed.indexOf(name) : listed.length);
  return readdirSync(join(root, "packages"))
    .filter((name) => existsSync(join(root, "packages", name, "README.md")))
    .sort((a, b) => place(a) - place(b));
}
