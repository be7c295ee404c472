/** The files of nearest-neighbour benchmarks: `.fvecs`, `.bvecs` (each vector after its length), `.fbin`, `.u8bin`, `.i8bin` (two counts, then all). */
import type { Format } from "../../format.js";

export const vecs: Format = {
  name: "vecs",
  extensions: ["fvecs", "bvecs", "ivecs", "fbin", "u8bin", "i8bin"],
  // No magic: the name says it, and the sizes must fit.
  detect: (_, name) => /\.([fbi]vecs|fbin|[ui]8bin)$/i.test(name),
  read: async (source) => (await import("./read-vecs.js")).readVecs(source),
};
