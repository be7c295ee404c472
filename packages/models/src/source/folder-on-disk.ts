/**
 * Files beside a model on disk. They must lie in the model's folder, links resolved: a model from elsewhere must not make a
 * program read what its user didn't hand out. Caches of model hubs keep files elsewhere and link to them, the model's own
 * among them; so data may also lie where the model's own file lies when its link is followed.
 */
import { EnergyError } from "@comhe/core/layouts";
import { type Builtins, builtins } from "./builtins.js";
import type { ByteSource } from "./byte-source.js";
import { openFileSource } from "./file-source.js";
import type { Neighbours } from "./neighbours.js";

export interface FolderOptions {
  /** Folders that links may lead to, besides. */
  readonly folders?: readonly string[] | undefined;
  /** How a file is opened in the end. Default: kept open. */
  readonly openFile?: ((path: string) => Promise<ByteSource>) | undefined;
}

/** @param model the path of the file that they are neighbours of */
export function filesBeside(
  model: string | URL,
  { folders = [], openFile = openFileSource }: FolderOptions = {},
): Neighbours {
  const node = builtins(model);
  const modelPath = typeof model === "string" ? model : node.url.fileURLToPath(model);
  const folder = node.path.dirname(node.path.resolve(modelPath));
  return {
    async open(relativePath) {
      const real = await allowedFile(node, modelPath, folder, relativePath, folders);
      return real === undefined ? undefined : openFile(real);
    },
    async list() {
      const entries = await node.fs.readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    },
  };
}

/** The resolved path; `undefined` where there is no such file. @throws EnergyError `invalid-file` */
async function allowedFile(
  { fs, path }: Builtins,
  model: string,
  folder: string,
  location: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const refused = (why: string) =>
    new EnergyError("invalid-file", `${model}: "${location}" beside it is refused: ${why}.`, { location });
  if (/[\0\\]|^[a-z][a-z0-9+.-]*:/i.test(location) || path.isAbsolute(location)) {
    throw refused("expected a relative path with forward slashes");
  }
  const inside = (root: string, file: string) => {
    const relative = path.relative(root, file);
    return relative !== "" && relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  };
  if (!inside(folder, path.resolve(folder, location))) throw refused("it leaves the model's folder");
  const resolved = async (file: string) => {
    try {
      return await fs.realpath(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw refused((error as Error).message);
    }
  };
  const modelHome = await resolved(model).then((real) => real && path.dirname(real));
  const found =
    (await resolved(path.resolve(folder, location))) ??
    (modelHome === undefined ? undefined : await resolved(path.resolve(modelHome, location)));
  if (found === undefined) return undefined;
  const roots = await Promise.all([folder, ...folders].map(resolved));
  if (![...roots, modelHome].some((root) => root !== undefined && inside(root, found))) {
    throw refused("it is a link out of the model's folder. Put the file itself there");
  }
  return found;
}
