/** safetensors: named arrays after a header that says where each lies. */
import type { Format } from "../../format.js";

export const safetensors: Format = {
  name: "safetensors",
  extensions: ["safetensors"],
  // The header's length in eight bytes, whose highest is never needed, and the brace of its JSON.
  // By its name alone only where it isn't a web page that was saved under it.
  detect: (start, name) => (start[8] === 0x7b && start[7] === 0) || (/\.safetensors$/i.test(name) && start[0] !== 0x3c),
  read: async (source) => (await import("./read-safetensors.js")).readSafetensors(source),
};
