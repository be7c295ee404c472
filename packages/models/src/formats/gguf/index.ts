/** GGUF: models of llama.cpp and its kin, whose weights are mostly quantized in blocks. */
import type { Format } from "../../format.js";

export const gguf: Format = {
  name: "gguf",
  extensions: ["gguf"],
  detect: (start) => start[0] === 0x47 && start[1] === 0x47 && start[2] === 0x55 && start[3] === 0x46,
  async read(source, context) {
    const { readGguf } = await import("./read-gguf.js");
    return readGguf(source, context);
  },
};
