/**
 * Weights of few bits, quantized in blocks along the inputs: what onnxruntime-genai and transformers.js ship. Layouts are
 * those of ONNX Runtime's contrib operators: MatMulNBits, GatherBlockQuantized, MatMulBnb4.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { Numbers } from "./data-type.js";
import type { Expression } from "./expression.js";
import { fourBitTable, reshaped, unpackedCodes, withoutPadding } from "./packed-codes.js";
import { type Call, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize } from "./quantization.js";

const AT_RUN_TIME = "its scales or zero points are computed while the model runs";

/** The constant at one input, or why it is none. */
const refused = (input: number, reason: string): Placements => new Map([[input, reason]]);

const place = (
  input: number,
  expression: Expression | string,
  placement: (made: Expression) => readonly Placed[] | string,
) => new Map([[input, typeof expression === "string" ? expression : placement(expression)]]);

/** Runs steps that each give a constant or say why they can't. */
export function chain<T>(first: T | string, next: (value: T) => Expression | string): Expression | string {
  return typeof first === "string" ? first : next(first);
}

/**
 * MatMulNBits(A, B, scales, zero points, g_idx): B [N, blocks, block_size·bits/8] of bytes, scales [N, blocks], zero
 * points packed as B is, [N, ⌈blocks·bits/8⌉], or floats [N, blocks]; without, the middle code. W is [N, K].
 */
function matMulNBits(call: Call): Placements {
  const bytes = call.constant(1);
  if (bytes === undefined) return new Map();
  const [scales, zeros, groupOf] = [call.constant(2), call.constant(3), call.constant(4)];
  const known = [2, 3, 4].every((input) => !call.given(input) || call.constant(input) !== undefined);
  if (scales === undefined || !known) return refused(1, AT_RUN_TIME);
  const [inputs, outputs] = [call.integer("K") ?? 0, call.integer("N") ?? 0];
  const bits = call.integer("bits") ?? 4;
  const block = call.integer("block_size") ?? 0;
  if (![2, 4, 8].includes(bits)) return refused(1, `it has ${bits} bits; 2, 4 and 8 are read`);
  if ((call.integer("weight_prepacked") ?? 0) !== 0) return refused(1, "it is packed for one kind of processor");
  if (!(inputs >= 1 && outputs >= 1 && block >= 1 && (block * bits) % 8 === 0)) {
    return refused(1, `${call.op} of K ${inputs}, N ${outputs} and blocks of ${block} doesn't fit`);
  }
  const blocks = Math.ceil(inputs / block);
  const rows = reshaped(call, bytes, [outputs, (blocks * block * bits) / 8]);
  const codes = chain(
    chain(rows, (packed) => unpackedCodes(call, packed, bits)),
    (all) => withoutPadding(call, all, inputs),
  );
  const factors = reshaped(call, scales, [outputs, blocks]);
  const offsets = zeros === undefined ? undefined : zeroPoints(call, zeros, [outputs, blocks], bits);
  if (typeof factors === "string") return refused(1, `its scales are ${factors}`);
  if (typeof offsets === "string") return refused(1, `its zero points are ${offsets}`);
  const middle = 2 ** (bits - 1);
  if (groupOf !== undefined) {
    const ordered = [factors, offsets].map((table) => table && byGroups(call, table, groupOf, inputs));
    const broken = ordered.find((table) => typeof table === "string");
    if (broken !== undefined) return refused(1, broken as string);
    const [scale, zero] = ordered as [Expression, Expression | undefined];
    const dense = chain(codes, (q) => call.derive(dequantize(q, scale, zero, { axis: 1, block: 1 }, middle)));
    return place(1, dense, (made) => [placed(made, "neurons-first")]);
  }
  const dense = chain(codes, (q) => call.derive(dequantize(q, factors, offsets, { axis: 1, block }, middle)));
  return place(1, dense, (made) => [placed(made, "neurons-first")]);
}

/** Zero points of blocks, packed along the last axis in bytes, or one number each. */
export function zeroPoints(call: Call, zeros: Expression, shape: readonly number[], bits: number): Expression | string {
  if (zeros.type.float) return reshaped(call, zeros, shape);
  const last = shape.at(-1)!;
  const packed = [...shape.slice(0, -1), Math.ceil((last * bits) / 8)];
  return chain(
    chain(reshaped(call, zeros, packed), (bytes) => unpackedCodes(call, bytes, bits)),
    (all) => withoutPadding(call, all, last),
  );
}

/** Scales [N, groups] as [N, K], where an index says the group of each input. */
function byGroups(call: Call, table: Expression, groupOf: Expression, inputs: number): Expression | string {
  const [rows, groups] = table.shape as readonly [number, number];
  if (groupOf.type.float || groupOf.count !== inputs) {
    return `its group indices are ${groupOf.type.name} ${shownShape(groupOf.shape)} for ${inputs} inputs`;
  }
  return call.derive({
    op: "by groups",
    parameters: null,
    shape: [rows, inputs],
    type: table.type,
    inputs: [table, groupOf],
    compute: ([values, group]) => spread(values!, groups, group!, inputs, 0, rows * inputs),
    async part(from, count, read) {
      const first = Math.floor(from / inputs);
      const taken = Math.ceil((from + count) / inputs) - first;
      const values = await read(0, first * groups, taken * groups);
      return spread(values, groups, await read(1, 0, inputs), inputs, from - first * inputs, count);
    },
  });
}

function spread(values: Numbers, groups: number, group: Numbers, inputs: number, from: number, count: number): Numbers {
  const wrong = group.find((index) => !(index >= 0 && index < groups));
  if (wrong !== undefined) {
    throw new EnergyError("invalid-file", `MatMulNBits with an input of group ${wrong}; there are ${groups}.`);
  }
  return Float64Array.from({ length: count }, (_, n) => {
    const at = from + n;
    return values[Math.floor(at / inputs) * groups + group[at % inputs]!]!;
  });
}

/**
 * GatherBlockQuantized(data, indices, scales, zero points): a table of bytes with codes packed along the last axis, or of
 * a small type of ONNX's own; quantized in blocks along one axis, looked up along another.
 */
function gatherBlockQuantized(call: Call): Placements {
  const data = call.constant(0);
  if (data === undefined) return new Map();
  const scales = call.constant(2);
  if (scales === undefined || (call.given(3) && call.constant(3) === undefined)) return refused(0, AT_RUN_TIME);
  const rank = data.shape.length;
  const axisOf = (name: string, standard: number) => {
    const axis = call.integer(name) ?? standard;
    return axis < 0 ? axis + rank : axis;
  };
  const [gathered, quantized] = [axisOf("gather_axis", 0), axisOf("quantize_axis", 1)];
  const bits = call.integer("bits") ?? 4;
  const bytes = data.type.name === "uint8";
  if (rank < 2 || !(gathered >= 0 && gathered < rank)) {
    return refused(0, `${call.op} along axis ${gathered} of ${shownShape(data.shape)}`);
  }
  if (bytes && ![2, 4, 8].includes(bits)) return refused(0, `it has ${bits} bits; 2, 4 and 8 are read`);
  if (bytes && bits < 8 && gathered === rank - 1) return refused(0, "it looks up along the axis that is packed");
  const codes = bytes ? unpackedCodes(call, data, bits) : data;
  if (typeof codes === "string") return refused(0, codes);
  const zeros = call.constant(3);
  const offsets = zeros && (bytes ? zeroPoints(call, zeros, scales.shape, bits) : reshaped(call, zeros, scales.shape));
  if (typeof offsets === "string") return refused(0, `its zero points are ${offsets}`);
  const stated = call.integer("block_size") ?? 128;
  // 0 stands for one block along the whole axis.
  const block = stated === 0 && data.type.float ? (codes.shape[quantized] ?? 0) : stated;
  const zero = bytes ? 2 ** (bits - 1) : 0;
  const dense =
    block >= 1
      ? call.derive(dequantize(codes, scales, offsets, { axis: quantized, block }, zero))
      : `blocks of ${block}`;
  return place(0, dense, (made) => [placed(made, gathered === 0 ? "neurons-first" : { neuronAxes: [gathered] })]);
}

/** MatMulBnb4(A, B, absmax): the matrix [N, K] row by row; A is multiplied with it transposed, or with itself. */
function matMulBnb4(call: Call): Placements {
  const bytes = call.constant(1);
  if (bytes === undefined) return new Map();
  const scales = call.constant(2);
  if (scales === undefined) return refused(1, AT_RUN_TIME);
  const [inputs, outputs] = [call.integer("K") ?? 0, call.integer("N") ?? 0];
  if (!(inputs >= 1 && outputs >= 1)) return refused(1, `${call.op} of K ${inputs} and N ${outputs}`);
  const type = call.integer("quant_type") ?? -1;
  const block = call.integer("block_size") ?? 0;
  const dense = call.derive(fourBitTable(bytes, scales, [outputs, inputs], { type, block }));
  const transposed = (call.integer("transB") ?? 1) !== 0;
  return place(1, dense, (made) => [placed(made, transposed ? "neurons-first" : "neurons-last")]);
}

export const BLOCKS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["com.microsoft", "MatMulNBits", matMulNBits],
  ["com.microsoft", "GatherBlockQuantized", gatherBlockQuantized],
  ["com.microsoft", "MatMulBnb4", matMulBnb4],
];
