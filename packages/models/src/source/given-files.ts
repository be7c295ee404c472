/** Files beside a model that were handed over with it: dropped on a page together, or given by name. */
import type { ByteSource } from "./byte-source.js";
import { memorySource } from "./memory-source.js";
import type { Neighbours } from "./neighbours.js";

/** A browser's File; one that was chosen with its folder has a relative path, too. */
type DroppedFile = File & { readonly webkitRelativePath?: string };

/** Files are found by their name, or by the end of the path they were chosen with. */
export function droppedFiles(files: readonly File[]): Neighbours {
  const pathOf = (file: DroppedFile) => file.webkitRelativePath || file.name;
  return {
    async open(relativePath) {
      const wanted = relativePath.replace(/^\.\//, "");
      const file =
        files.find((each) => pathOf(each) === wanted) ??
        files.find((each) => pathOf(each).endsWith(`/${wanted}`)) ??
        files.find((each) => each.name === wanted.split("/").at(-1));
      return file === undefined ? undefined : memorySource(file, file.name);
    },
    list: async () => files.map(({ name }) => name),
  };
}

/** Bytes by the path under which the model names them. */
export function namedBytes(files: Readonly<Record<string, Uint8Array | ArrayBuffer | Blob>>): Neighbours {
  return {
    async open(relativePath): Promise<ByteSource | undefined> {
      const given = Object.hasOwn(files, relativePath) ? files[relativePath] : undefined;
      return given === undefined ? undefined : memorySource(given, relativePath);
    },
    list: async () => Object.keys(files),
  };
}
