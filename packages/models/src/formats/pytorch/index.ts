/**
 * PyTorch: what torch.save and torch.jit.save write, a zip archive or (before version 1.6) a row of pickles, and plain
 * pickles of tensors and NumPy arrays.
 */
import type { Format } from "../../format.js";

/** How protocol 0 writes torch.serialization.MAGIC_NUMBER; later protocols begin with their own number. */
const textMagic = "L119547037146038801333356L\n";

export const pytorch: Format = {
  name: "pytorch",
  extensions: ["pt", "pth", "bin", "ckpt", "pkl", "pdparams"],
  detect(start, name) {
    // The protocol, and an opcode that a value can begin with: tables of vectors may begin with a number of the same bytes.
    const opcode = String.fromCharCode(start[2] ?? 0);
    if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5 && "\x8a\x95\x8c}](cKJMGXUN)".includes(opcode))
      return true;
    const text = String.fromCharCode(...start.subarray(0, textMagic.length));
    // Before protocol 2, a pickle begins with whatever its value begins with.
    return text === textMagic || (/\.(pkl|pickle)$/i.test(name) && /^[(}\])lc]/.test(text));
  },
  detectZip: (entries) => entries.some(({ name }) => /(^|\/)data\.pkl$/.test(name)),
  read: async (source, context) => (await import("./read-pytorch.js")).readPytorch(source, context.zip),
};
