/** Arrow: tables in columns as they lie in memory, as a file (Feather too) or as a stream of messages. */
import type { Format } from "../../format.js";
import { startsWith } from "../starts-with.js";

export const arrow: Format = {
  name: "arrow",
  extensions: ["arrow", "feather", "arrows", "ipc"],
  // A stream has no magic: a mark of four bytes, the schema's length, and the schema's offset, which is small.
  detect: (start, name) =>
    startsWith(start, "ARROW1\0\0") ||
    (startsWith(start, "\xff\xff\xff\xff") && start[6] === 0 && start[7] === 0 && start[9] === 0) ||
    (startsWith(start, "FEA1") && /\.feather$/i.test(name)),
  read: async (source) => (await import("./read-arrow.js")).readArrow(source),
};
