/**
 * Node's own modules, asked for when a path is given and not before, by `process.getBuiltinModule`: no import names them, so
 * that bundles for browsers need neither a shim nor an exception.
 */
import { EnergyError } from "@comhe/core/layouts";

export interface Builtins {
  readonly fs: typeof import("node:fs/promises");
  readonly path: typeof import("node:path");
  readonly url: typeof import("node:url");
  readonly constants: typeof import("node:fs").constants;
}

/** @throws EnergyError `unsupported` where there are no files, such as in a page */
export function builtins(file: string | URL): Builtins {
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
    constants: (load("node:fs") as typeof import("node:fs")).constants,
  };
}
