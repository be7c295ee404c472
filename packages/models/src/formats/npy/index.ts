/** NumPy's .npy: one array. */
import type { Format } from "../../format.js";
import { startsWith } from "../starts-with.js";

export const npy: Format = {
  name: "npy",
  extensions: ["npy"],
  detect: (start) => startsWith(start, "\x93NUMPY"),
  async read(source) {
    const [{ readNpyHeader }, { npyTensor }] = await Promise.all([
      import("./npy-header.js"),
      import("./npy-tensor.js"),
    ]);
    const read = source.read.bind(source);
    const array = await readNpyHeader(source.name, source.size, read);
    const found = npyTensor({ name: "array", array, read, inParts: true });
    return "reason" in found ? { skipped: [found] } : { tensors: [found] };
  },
};
