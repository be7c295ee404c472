/**
 * Constants of few bits as ONNX Runtime's own operators keep them in bytes: codes one after another from the lowest bits
 * on, or bitsandbytes' two to a byte from the highest on. Unpacked they are tensors like any other, for `dequantize`.
 */

import { rowMajor } from "../../tensors/strided.js";
import { dataType, FLOAT32, type Numbers } from "./data-type.js";
import { viewed } from "./exact-operations.js";
import type { Expression, Operation } from "./expression.js";
import type { Call } from "./placement.js";

const UINT8 = dataType(2)!;

/**
 * Bytes as codes of `bits`, along the last axis: `[…, bytes]` to `[…, bytes·8/bits]`.
 *
 * @param bits 2, 4 or 8
 */
export function unpackedCodes(call: Call, bytes: Expression, bits: number): Expression | string {
  if (bytes.type.name !== "uint8") return `codes in ${bytes.type.name} numbers; bytes were expected`;
  if (bytes.shape.length === 0) return "codes without an axis";
  if (bits === 8) return bytes;
  const each = 8 / bits;
  const shape = [...bytes.shape.slice(0, -1), bytes.shape.at(-1)! * each];
  const unpack = (stored: Numbers, first: number, count: number) => {
    const codes = new Uint8Array(count);
    const mask = 2 ** bits - 1;
    for (let i = 0, at = first; i < count; i++, at++) {
      codes[i] = (stored[Math.floor(at / each)]! >> ((at % each) * bits)) & mask;
    }
    return codes;
  };
  return call.derive({
    op: "unpack",
    parameters: bits,
    shape,
    type: UINT8,
    inputs: [bytes],
    compute: ([stored]) => unpack(stored!, 0, stored!.length * each),
    async part(from, count, read) {
      const first = Math.floor(from / each);
      const stored = await read(0, first, Math.ceil((from + count) / each) - first);
      return unpack(stored, from - first * each, count);
    },
  });
}

/** An expression's numbers in another shape. */
export function reshaped(call: Call, x: Expression, shape: readonly number[]): Expression | string {
  if (shape.reduce((product, size) => product * size, 1) !== x.count) {
    return `[${x.shape.join(", ")}] where [${shape.join(", ")}] was expected`;
  }
  if (String(shape) === String(x.shape)) return x;
  return call.derive({
    op: "Reshape",
    parameters: null,
    shape,
    type: x.type,
    inputs: [x],
    compute: ([data]) => data!,
    part: (from, count, read) => read(0, from, count),
  });
}

/** The first `size` entries along the last axis: what lies after them is padding. */
export function withoutPadding(call: Call, x: Expression, size: number): Expression | string {
  const last = x.shape.at(-1)!;
  if (last === size) return x;
  if (last < size) return `${last} entries where ${size} were expected`;
  return call.derive(
    viewed("Slice", x, { sizes: [...x.shape.slice(0, -1), size], steps: rowMajor(x.shape), offset: 0 }),
  );
}

/** One of `parts` along the axis before the last: a stretch of it, or every so many entries of it. */
export function cutRows(
  call: Call,
  x: Expression,
  part: { readonly from: number; readonly count: number; readonly every: number },
): Expression | string {
  const steps = rowMajor(x.shape);
  const axis = x.shape.length - 2;
  const offset = part.from * steps[axis]!;
  const sizes = x.shape.map((size, a) => (a === axis ? part.count : size));
  return call.derive(
    viewed("Slice", x, { sizes, steps: steps.map((step, a) => (a === axis ? step * part.every : step)), offset }),
  );
}

/** The values of bitsandbytes' codes, as ONNX Runtime has them: nf4 of QLoRA (arXiv 2305.14314, appendix E), fp4 over 12. */
const BNB4: readonly (readonly number[])[] = [
  [0, 1 / 192, 2 / 3, 1, 1 / 3, 1 / 2, 1 / 6, 1 / 4, 0, -1 / 192, -2 / 3, -1, -1 / 3, -1 / 2, -1 / 6, -1 / 4],
  [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
  ],
];

/**
 * bitsandbytes' 4 bits: the value of a code times the scale of its block, the matrix row by row.
 *
 * @param type 0: fp4, 1: nf4
 */
export function fourBitTable(
  bytes: Expression,
  scales: Expression,
  shape: readonly number[],
  { type, block }: { readonly type: number; readonly block: number },
): Operation | string {
  const values = BNB4[type];
  const count = shape.reduce((product, size) => product * size, 1);
  if (values === undefined) return `codes of the type ${type}`;
  if (!(block >= 1)) return `blocks of ${block}`;
  if (bytes.type.name !== "uint8" || bytes.count !== Math.ceil(count / 2)) {
    return `${bytes.count} numbers of ${bytes.type.name} for [${shape.join(", ")}]`;
  }
  if (!scales.type.float || scales.count !== Math.ceil(count / block)) {
    return `${scales.count} scales of ${scales.type.name} for [${shape.join(", ")}] in blocks of ${block}`;
  }
  const table = Float32Array.from(values);
  const decode = (
    stored: Numbers,
    skipped: number,
    factors: Numbers,
    firstBlock: number,
    from: number,
    length: number,
  ) => {
    const result = new Float32Array(length);
    for (let i = 0, at = from; i < length; i++, at++) {
      const byte = stored[Math.floor(at / 2) - skipped]!;
      // The first of two is in the upper half.
      result[i] = table[at % 2 ? byte & 15 : byte >> 4]! * factors[Math.floor(at / block) - firstBlock]!;
    }
    return result;
  };
  return {
    op: "4-bit table",
    parameters: [type, block],
    shape,
    type: FLOAT32,
    inputs: [bytes, scales],
    compute: ([stored, factors]) => decode(stored!, 0, factors!, 0, 0, count),
    async part(from, length, read) {
      const first = Math.floor(from / 2);
      const firstBlock = Math.floor(from / block);
      const stored = await read(0, first, Math.ceil((from + length) / 2) - first);
      const factors = await read(1, firstBlock, Math.ceil((from + length) / block) - firstBlock);
      return decode(stored, first, factors, firstBlock, from, length);
    },
  };
}
