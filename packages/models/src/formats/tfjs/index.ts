/** TensorFlow.js: a model.json, or a bare weights manifest. */
import type { Format } from "../../format.js";

export const tfjs: Format = {
  name: "tfjs",
  extensions: ["json"],
  detect: () => false,
  // A weights manifest is a list of groups, each with its files.
  detectJson: (json) =>
    (Array.isArray(json) && json.every((group) => typeof group === "object" && group !== null && "weights" in group)) ||
    (json as { weightsManifest?: unknown }).weightsManifest !== undefined,
  read: async (source, context) => (await import("./read-tfjs.js")).readTfjs(source.name, context),
};
