/** TensorFlow.js: a model.json, or a bare weights manifest. */
import type { Format } from "../../format.js";

export const tfjs: Format = {
  name: "tfjs",
  extensions: ["json"],
  detect: () => false,
  detectJson: (json) => Array.isArray(json) || (json as { weightsManifest?: unknown }).weightsManifest !== undefined,
  read: async (source, context) => (await import("./read-tfjs.js")).readTfjs(source.name, context),
};
