/** Keras: `.keras` archives (config.json and model.weights.h5), and HDF5 files of whole models or weights. Other HDF5 files are bags of arrays. */
import type { Format } from "../../format.js";
import { superblockPlace } from "../../hdf5/superblock.js";

export const hdf5: Format = {
  name: "hdf5",
  extensions: ["h5", "hdf5"],
  detect: (start) => superblockPlace(start) !== undefined,
  read: async (source) => (await import("./read-keras.js")).readHdf5(source),
};

export const keras: Format = {
  name: "keras",
  extensions: ["keras"],
  detect: () => false,
  detectZip: (entries) => entries.some(({ name }) => name === "model.weights.h5"),
  read: async (source, context) => (await import("./read-keras.js")).readKeras(source, context.zip!),
};
