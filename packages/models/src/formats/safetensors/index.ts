/** safetensors, and the index of a model in several of them. */
import type { Format } from "../../format.js";

export const safetensors: Format = {
  name: "safetensors",
  extensions: ["safetensors", "safetensors.index.json"],
  // The header's length in eight bytes, whose highest is never needed, and the brace of its JSON.
  detect: (start, name) => (start[8] === 0x7b && start[7] === 0) || /\.safetensors$/i.test(name),
  detectJson: (json) => typeof (json as { weight_map?: unknown }).weight_map === "object",
  async read(source, context) {
    const { readSafetensors, readShards } = await import("./read-safetensors.js");
    return context.json === undefined ? readSafetensors(source) : readShards(source, context);
  },
};
