/** http://corpus-texmex.irisa.fr describes .fvecs, .bvecs and .ivecs; https://big-ann-benchmarks.com the others. All are little-endian. */
import type { FloatArray } from "@comhe/core/layouts";
import type { ModelParts } from "../../format.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import { layerOfColumn } from "../../tables/vector-column.js";
import { float32, int8, type NumberType, uint8 } from "../../tensors/decode-numbers.js";

const types: Readonly<Record<string, NumberType>> = {
  fvecs: float32,
  bvecs: uint8,
  fbin: float32,
  u8bin: uint8,
  i8bin: int8,
};
const largestDim = 1_000_000;

/** @throws EnergyError `invalid-file` */
export async function readVecs(source: ByteSource): Promise<ModelParts> {
  const end = /\.(\w+)$/.exec(source.name)![1]!.toLowerCase();
  const damaged = (problem: string) => notSound(source.name, `.${end} file`, problem);
  if (source.size < 8) throw damaged("it is cut short");
  const head = new DataView((await source.read(0, 8)).buffer);
  const together = /bin$/.test(end);
  const dim = head.getInt32(together ? 4 : 0, true);
  if (dim < 1 || dim > largestDim) throw damaged(`it claims vectors of ${dim} numbers`);
  const type = types[end];
  const stride = (together ? 0 : 4) + dim * (type?.bytes ?? 4);
  const count = together ? head.getUint32(0, true) : source.size / stride;
  const expected = (together ? 8 : 0) + count * stride;
  if (!Number.isInteger(count) || count < 1 || expected !== source.size) {
    throw damaged(`its ${source.size} bytes aren't whole vectors of ${dim} numbers: it is cut short or altered`);
  }
  if (type === undefined) {
    const reason = "int32: indices of neighbours, not vectors";
    return { skipped: [{ name: "vectors", shape: [count, dim], dataType: "int32", reason }] };
  }
  const { bytes, decode } = type;
  const read = async (from: number, length: number): Promise<FloatArray> => {
    if (length === 0) return new Float32Array(0);
    const [first, last] = [Math.floor(from / dim), Math.ceil((from + length) / dim)];
    const stored = await source.read((together ? 8 : 0) + first * stride, (last - first) * stride);
    let numbers = stored;
    if (!together) {
      const view = new DataView(stored.buffer);
      numbers = new Uint8Array((last - first) * dim * bytes);
      for (let row = 0; row < last - first; row++) {
        const own = view.getInt32(row * stride, true);
        if (own !== dim) throw damaged(`vector ${first + row} has ${own} numbers; expected ${dim}`);
        numbers.set(stored.subarray(row * stride + 4, (row + 1) * stride), row * dim * bytes);
      }
    }
    const skip = from - first * dim;
    return Float32Array.from(decode(numbers).subarray(skip, skip + length));
  };
  return { layers: [layerOfColumn({ name: "vectors", count, dim, dataType: type.name, read })] };
}
