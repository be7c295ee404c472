/**
 * Mixtures of experts: MoE and QMoE of ONNX Runtime. A stack [experts, out, in] is a matrix for each expert; where the
 * gate's and the up projection's rows are fused in one, they are two.
 */
import type { Expression } from "./expression.js";
import { cutRows, reshaped, unpackedCodes, withoutPadding } from "./packed-codes.js";
import { chain, zeroPoints } from "./place-blocks.js";
import { type Call, consecutive, type Placed, type Placements, type Rule, shownShape } from "./placement.js";
import { dequantize } from "./quantization.js";

/** Names of what an expert has, in the order of the operators' inputs. */
const PROJECTIONS = ["fc1", "fc2", "fc3"] as const;

/** MoE(input, router, fc1, bias, fc2, bias, fc3, bias). */
function mixture(call: Call): Placements {
  const result = new Map<number, readonly Placed[] | string>();
  for (const [n, name] of PROJECTIONS.entries()) {
    const input = 2 + 2 * n;
    const stack = call.constant(input);
    if (stack !== undefined) result.set(input, experts(call, stack, name));
  }
  return result;
}

function experts(call: Call, stack: Expression, name: (typeof PROJECTIONS)[number]): readonly Placed[] | string {
  const [count, rows, columns] = stack.shape;
  if (stack.shape.length !== 3) return `${call.op} expects [experts, out, in], not ${shownShape(stack.shape)}`;
  const fusion = name === "fc1" ? (call.integer("swiglu_fusion") ?? 0) : 0;
  if (fusion === 0) return each(stack, [rows!, columns!], count!, name);
  if ((fusion !== 1 && fusion !== 2) || rows! % 2 !== 0) {
    return `${call.op} with swiglu_fusion ${fusion} doesn't fit ${shownShape(stack.shape)}`;
  }
  const half = rows! / 2;
  const [step, second] = fusion === 1 ? [2, 1] : [1, half];
  const placements: Placed[] = [];
  for (const [part, from] of [["gate", 0] as const, ["up", second] as const]) {
    const matrices = cutRows(call, stack, { from, count: half, every: step });
    const found = typeof matrices === "string" ? matrices : each(matrices, [half, columns!], count!, part);
    if (typeof found === "string") return found;
    placements.push(...found);
  }
  return placements;
}

function each(stack: Expression, shape: readonly number[], count: number, name: string): readonly Placed[] | string {
  // What is too many is refused by its number, not by its names.
  const names = Array.from({ length: Math.min(count, 1e5) }, (_, n) => `expert ${n}, ${name}`);
  const found = consecutive(stack, shape, "neurons-first", names);
  return typeof found === "string" ? found : found.map((one, n) => ({ ...one, part: names[n] }));
}

/** Where QMoE has the weights, scales and zero points of a projection. */
const QUANTIZED = [
  [2, 3, 11],
  [5, 6, 12],
  [8, 9, 13],
] as const;

/** QMoE: bytes [experts, out, in·bits/8], scales [experts, out] or [experts, out, blocks], zero points packed alike. */
function quantizedMixture(call: Call): Placements {
  const result = new Map<number, readonly Placed[] | string>();
  for (const [n, name] of PROJECTIONS.entries()) {
    const [input, scaleInput, zeroInput] = QUANTIZED[n]!;
    const bytes = call.constant(input);
    if (bytes === undefined) continue;
    const stack = dequantized(call, bytes, [scaleInput, zeroInput], name);
    result.set(input, typeof stack === "string" ? stack : experts(call, stack, name));
  }
  return result;
}

function dequantized(
  call: Call,
  bytes: Expression,
  [scaleInput, zeroInput]: readonly [number, number],
  name: (typeof PROJECTIONS)[number],
): Expression | string {
  const kind = call.text("quant_type") ?? "int";
  const bits = call.integer(`${name}_expert_weight_bits`) ?? call.integer("expert_weight_bits") ?? 4;
  const [scales, zeros] = [call.constant(scaleInput), call.constant(zeroInput)];
  if (kind !== "int") return `its experts are quantized as "${kind}", which isn't read`;
  if (![2, 4, 8].includes(bits)) return `its experts have ${bits} bits; 2, 4 and 8 are read`;
  // Anything but 0 leaves the order to the processor that they were made for; unsaid, it is the one the CPU provider reads.
  if ((call.integer("weights_prepacked") ?? 0) !== 0) return "its experts are packed for one kind of processor";
  if (scales === undefined || (call.given(zeroInput) && zeros === undefined)) {
    return "its scales or zero points are computed while the model runs";
  }
  const [count, rows, width] = bytes.shape;
  if (bytes.shape.length !== 3) return `${call.op} expects [experts, out, bytes], not ${shownShape(bytes.shape)}`;
  const columns = (width! * 8) / bits;
  const block = call.integer("block_size") ?? 0;
  const blocks = block >= 1 ? columns / block : 1;
  if (!Number.isInteger(blocks)) return `blocks of ${block} don't fit rows of ${columns}`;
  const factors = reshaped(call, scales, [count!, rows!, blocks]);
  if (typeof factors === "string") return `its scales are ${factors}`;
  const offsets = zeros && expertZeros(call, zeros, [count!, rows!, blocks], bits, block >= 1);
  if (typeof offsets === "string") return `its zero points are ${offsets}`;
  const granularity = { axis: 2, block: block >= 1 ? block : columns };
  return chain(unpackedCodes(call, bytes, bits), (codes) =>
    call.derive(dequantize(codes, factors, offsets, granularity, 2 ** (bits - 1))),
  );
}

/** Without blocks, zero points are packed along the outputs. */
function expertZeros(
  call: Call,
  zeros: Expression,
  shape: readonly [number, number, number],
  bits: number,
  blocks: boolean,
) {
  if (blocks) return zeroPoints(call, zeros, shape, bits);
  const [count, rows] = shape;
  const packed = reshaped(call, zeros, [count, Math.ceil((rows * bits) / 8)]);
  const codes = chain(
    chain(packed, (bytes) => unpackedCodes(call, bytes, bits)),
    (all) => withoutPadding(call, all, rows),
  );
  return chain(codes, (all) => reshaped(call, all, shape));
}

export const EXPERTS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["com.microsoft", "MoE", mixture],
  ["com.microsoft", "QMoE", quantizedMixture],
];
