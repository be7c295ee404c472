/** Flax: parameters as msgpack, as `flax.serialization.to_bytes` and the hub's `flax_model.msgpack` have them. */
import type { Format } from "../../format.js";

export const flax: Format = {
  name: "flax",
  extensions: ["msgpack", "flax"],
  /** A map that isn't empty, whose first key is a short text. */
  detect(start) {
    const first = start[0] ?? 0;
    const at = first > 0x80 && first < 0x90 ? 1 : first === 0xde ? 3 : first === 0xdf ? 5 : 0;
    const head = start[at] ?? 0;
    if (at === 0 || head <= 0xa0 || head > 0xbf) return false;
    const key = start.subarray(at + 1, at + 1 + (head & 31));
    return key.length === (head & 31) && key.every((byte) => byte > 32 && byte < 127);
  },
  read: async (source) => (await import("./read-flax.js")).readFlax(source),
};
