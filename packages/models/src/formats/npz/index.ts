/** NumPy's .npz: a zip archive of .npy arrays. */
import type { Format } from "../../format.js";

export const npz: Format = {
  name: "npz",
  extensions: ["npz"],
  detect: () => false,
  detectZip: (entries) => entries.some(({ name }) => name.endsWith(".npy")),
  read: async (source, context) => (await import("./read-npz.js")).readNpz(source, context.zip!),
};
