/** A model in several files, safetensors or PyTorch's, and the index that says which of them holds which tensor. */
import type { Format } from "../../format.js";

export const shards: Format = {
  name: "shards",
  extensions: ["index.json"],
  detect: () => false,
  detectJson: (json) => typeof (json as { weight_map?: unknown }).weight_map === "object",
  read: async (source, context) => (await import("./read-shards.js")).readShards(source, context),
};
