/**
 * What users may import: each entry of a package's exports map, with the source that its tsdown.config.ts builds it from. Neither
 * is listed again here: an entry added to both is documented.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { unrun } from "unrun";

/** @returns for `packages/core`: `{ specifier: "@comhe/core/layouts", source: "/…/src/layouts.ts" }` and the others */
export async function publicEntries(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { module: config } = await unrun({ path: join(folder, "tsdown.config.ts") });
  const sources = Object.assign({}, ...[config].flat().map(({ entry }) => entry));
  return Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([path, target]) => {
      const built = basename((target.import ?? target).types, ".d.ts");
      if (!sources[built]) throw new Error(`${name} exports ${path}, and its tsdown.config.ts has no entry "${built}"`);
      return { name, specifier: join(name, path), source: join(folder, sources[built]) };
    });
}
