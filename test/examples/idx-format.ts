import { EnergyError } from "@comhe/core/layouts";
import { type Format, type ModelContents, type ModelInput, openModel, sizeOf } from "@comhe/models";

/** Numbers by their code in the third byte: https://web.archive.org/web/2016/http://yann.lecun.com/exdb/mnist/ */
const types = {
  8: { name: "uint8", bytes: 1, get: (view: DataView, at: number) => view.getUint8(at) },
  13: { name: "float32", bytes: 4, get: (view: DataView, at: number) => view.getFloat32(at) },
  14: { name: "float64", bytes: 8, get: (view: DataView, at: number) => view.getFloat64(at) },
} as const;

/** IDX, the files of MNIST: two zeros, a type, a rank, that many sizes, and the numbers, all of them big-endian. */
export const idx: Format = {
  name: "idx",
  extensions: ["idx", "ubyte"],
  detect: (start) => start[0] === 0 && start[1] === 0 && start[2]! in types && start[3]! > 0 && start[3]! < 33,
  async read(source) {
    const damaged = (problem: string) =>
      new EnergyError("invalid-file", `${source.name}: not a sound IDX file: ${problem}. Copy or download it again.`);
    const [, , code, rank] = await source.read(0, 4);
    const type = types[code as keyof typeof types];
    const start = 4 + 4 * rank!;
    const sizes = new DataView((await source.read(4, start - 4)).buffer);
    const shape = Array.from({ length: rank! }, (_, axis) => sizes.getUint32(4 * axis));
    // Everything a header says is a claim: it is held to the file's size before it is believed.
    const expected = start + sizeOf(shape) * type.bytes;
    if (expected !== source.size) {
      throw damaged(`[${shape.join(", ")}] of ${type.name} takes ${expected} bytes, but it has ${source.size}`);
    }
    const read = async (from: number, count: number) => {
      const bytes = await source.read(start + from * type.bytes, count * type.bytes);
      const view = new DataView(bytes.buffer);
      const numbers = type.bytes === 8 ? new Float64Array(count) : new Float32Array(count);
      return numbers.map((_, n) => type.get(view, n * type.bytes));
    };
    // A bare array: which of its axes are neurons, the conventions say, and the caller's word wins.
    return {
      tensors: [{ name: "array", shape, dataType: type.name, floating: type.bytes > 1, inParts: true, read }],
    };
  },
};

/** Whatever `openModel` reads, and IDX. */
export function openWithIdx(model: ModelInput): Promise<ModelContents> {
  return openModel(model, { formats: [idx] });
}
