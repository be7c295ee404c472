/**
 * Files on disk. Node's modules are asked for when a path is given and not before, by `process.getBuiltinModule`: no
 * import names them, so bundles for browsers need neither a shim nor an exception.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "./byte-source.js";

interface Builtins {
  readonly fs: typeof import("node:fs/promises");
  readonly path: typeof import("node:path");
  readonly url: typeof import("node:url");
}

function builtins(file: string): Builtins {
  const load = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process?.getBuiltinModule;
  if (load === undefined) {
    throw new EnergyError(
      "unsupported",
      `${file}: a path can be read in Node.js (20.16 or newer), Bun or Deno; here, pass the model's bytes or a Blob.`,
    );
  }
  return {
    fs: load("node:fs/promises") as Builtins["fs"],
    path: load("node:path") as Builtins["path"],
    url: load("node:url") as Builtins["url"],
  };
}

/** A file, opened for each read and closed after it. */
export async function fileSource(file: string | URL): Promise<ByteSource> {
  const { fs, url } = builtins(String(file));
  const path = typeof file === "string" ? file : url.fileURLToPath(file);
  const { size, mtimeMs } = await stat(fs, path);
  return {
    name: path,
    size,
    async read(offset, length) {
      const handle = await fs.open(path, "r").catch((error: unknown) => {
        throw new EnergyError("invalid-file", `${path}: can't be read (${(error as Error).message}).`, {}, error);
      });
      try {
        const now = await handle.stat();
        if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(path);
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) throw changed(path);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

function changed(path: string): EnergyError {
  return new EnergyError("invalid-file", `${path}: it changed while it was read; read it again.`);
}

async function stat(fs: Builtins["fs"], path: string) {
  const found = await fs.stat(path).catch((error: unknown) => {
    throw new EnergyError("invalid-file", `${path}: can't be read (${(error as Error).message}).`, {}, error);
  });
  if (!found.isFile()) {
    throw new EnergyError("invalid-file", `${path}: expected a file, got a folder or something else.`);
  }
  return found;
}

/**
 * An external data file, which must lie in the model's folder or in one of `folders`, links resolved: a model from
 * elsewhere must not make a program read what its user didn't hand out.
 *
 * @throws EnergyError `invalid-file`
 */
export async function externalFile(
  model: string | URL,
  location: string,
  folders: readonly string[],
): Promise<ByteSource> {
  const { fs, path, url } = builtins(String(model));
  const modelPath = typeof model === "string" ? model : url.fileURLToPath(model);
  const refused = (why: string) =>
    new EnergyError("invalid-file", `${modelPath}: external data at "${location}" is refused: ${why}.`, { location });
  if (/[\0\\]|^[a-z][a-z0-9+.-]*:/i.test(location) || path.isAbsolute(location)) {
    throw refused("expected a relative path with forward slashes");
  }
  const inside = (root: string, file: string) => {
    const relative = path.relative(root, file);
    return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  };
  const folder = path.dirname(path.resolve(modelPath));
  const candidate = path.resolve(folder, location);
  if (!inside(folder, candidate)) throw refused("it leaves the model's folder");
  const real = await fs.realpath(candidate).catch((error: unknown) => {
    throw new EnergyError(
      "invalid-file",
      `${modelPath}: expected its external data in "${location}" beside it, but that can't be read ` +
        `(${(error as Error).message}). Put the file there.`,
      { location },
      error,
    );
  });
  const roots = await Promise.all([folder, ...folders].map((root) => fs.realpath(root).catch(() => undefined)));
  if (!roots.some((root) => root !== undefined && inside(root, real))) {
    throw refused("it is a link out of the model's folder; copy the file in, or allow its folder (`externalFolders`)");
  }
  return fileSource(real);
}
