/**
 * A folder named in a model's place: of a hub's client, of a trainer, or of the hub's cache, which keeps each revision in a
 * folder of its own.
 */
import { EnergyError } from "@comhe/core/layouts";
import { type Builtins, builtins } from "./builtins.js";
import { chooseModelFile } from "./choose-file.js";

/**
 * The file that is meant by a path: the path itself, or the model in its folder.
 *
 * @param extensions of the formats that are read
 * @throws EnergyError `invalid-file` where a folder holds no model, or several
 */
export async function fileOf(path: string | URL, extensions: readonly string[]): Promise<string | URL> {
  const node = builtins(path);
  const name = typeof path === "string" ? path : node.url.fileURLToPath(path);
  // What isn't there, or can't be looked at, is told when it is opened.
  const status = await node.fs.stat(name).catch(() => undefined);
  if (!status?.isDirectory()) return path;
  const folder = await snapshotOf(node, name);
  const { files, folders } = await contents(node, folder);
  refuseKnown(folder, [...files, ...folders]);
  if (files.length === 0 && folders.length > 0) throw onlyFolders(folder, folders);
  try {
    return node.path.join(folder, chooseModelFile(folder, files, extensions));
  } catch (error) {
    const { details } = error as EnergyError;
    const parts = folders.filter((each) => !each.startsWith("."));
    if (!EnergyError.isInstance(error) || (details.files as string[]).length > 0 || parts.length === 0) throw error;
    throw onlyFolders(folder, parts);
  }
}

/** Models that are folders themselves, by what lies in them. */
const unread: readonly {
  readonly what: string;
  readonly test: (names: Set<string>) => boolean;
  readonly instead: string;
}[] = [
  {
    what: "a checkpoint of Orbax",
    test: (names) => names.has("_CHECKPOINT_METADATA") || names.has("manifest.ocdbt"),
    instead: "Restore it with Orbax and save its arrays: flax.serialization.to_bytes, or numpy.savez",
  },
  {
    what: "a Zarr store",
    test: (names) => [".zarray", ".zgroup", "zarr.json"].some((name) => names.has(name)),
    instead: "Save its arrays by numpy.savez",
  },
  {
    what: "a Core ML package",
    test: (names) => names.has("Manifest.json") && names.has("Data"),
    instead: "Use the model it was converted from",
  },
];

/** @throws EnergyError `invalid-file` for a folder of a kind that isn't read */
function refuseKnown(folder: string, names: readonly string[]): void {
  const found = unread.find(({ test }) => test(new Set(names)));
  if (found === undefined) return;
  throw new EnergyError("invalid-file", `${folder}: it is ${found.what}, which isn't read. ${found.instead}.`);
}

function onlyFolders(folder: string, folders: readonly string[]): EnergyError {
  const shown = folders.slice(0, 8).sort().join(", ");
  return new EnergyError(
    "invalid-file",
    `${folder}: expected a model's file in the folder, got ${folders.length === 1 ? "a folder" : "folders"}: ${shown}. Name the one of them that is meant.`,
  );
}

/** `models--org--name` of the hub's cache holds `snapshots/<revision>`, and `refs/main` says which of them is current. */
async function snapshotOf(node: Builtins, folder: string): Promise<string> {
  const snapshots = node.path.join(folder, "snapshots");
  const { folders } = await contents(node, snapshots).catch(() => ({ folders: [] as string[] }));
  if (folders.length === 0) return folder;
  const current = await node.fs.readFile(node.path.join(folder, "refs", "main"), "utf8").catch(() => "");
  const revision = folders.length === 1 ? folders[0] : folders.find((name) => name === current.trim());
  if (revision !== undefined) return node.path.join(snapshots, revision);
  throw new EnergyError(
    "invalid-file",
    `${folder}: it holds several revisions of a model: ${[...folders].sort().join(", ")}. Name one: ${snapshots}/${folders[0]}.`,
  );
}

async function contents({ fs, path }: Builtins, folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    // The cache's files are links.
    const isFolder = entry.isSymbolicLink()
      ? ((await fs.stat(path.join(folder, entry.name)).catch(() => undefined))?.isDirectory() ?? false)
      : entry.isDirectory();
    (isFolder ? folders : files).push(entry.name);
  }
  return { files, folders };
}
