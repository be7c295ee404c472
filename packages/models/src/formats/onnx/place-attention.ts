/**
 * Attention operators of ONNX Runtime that hold the matrices of queries, keys and values in one, [in, q + k + v]: the columns of all heads' queries, then the keys',
 * then the values'. They make three layers, with the operator's heads.
 */

import { rowMajor } from "../../tensors/strided.js";
import type { AttentionUse } from "./attention-heads.js";
import { viewed } from "./exact-operations.js";
import type { Expression } from "./expression.js";
import { type Call, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize } from "./quantization.js";

const PARTS = ["query", "key", "value"] as const;

/** Attention(input, weights, bias, …), and those that take the same. */
function packed(call: Call): Placements {
  const weights = call.constant(1);
  return weights === undefined ? new Map() : new Map([[1, threeOf(call, weights)]]);
}

/** QAttention(input, weight, bias, input scale, weight scale, mask, input zero point, weight zero point): scales of all, or of each column. */
function quantizedPacked(call: Call): Placements {
  const [weights, scale, zero] = [call.constant(1), call.constant(4), call.constant(7)];
  if (weights === undefined) return new Map();
  if (scale === undefined || (call.given(7) && zero === undefined)) {
    return new Map([[1, "its scale or zero point is computed while the model runs"]]);
  }
  const dense = call.derive(dequantize(weights, scale, zero, { axis: -1, block: 0 }));
  return new Map([[1, typeof dense === "string" ? dense : threeOf(call, dense)]]);
}

function threeOf(call: Call, weights: Expression): readonly Placed[] | string {
  const { shape } = weights;
  const heads = call.integer("num_heads") ?? 0;
  if (shape.length !== 2) return `${call.op} expects [in, out], not ${shownShape(shape)}`;
  const [inputs, outputs] = shape as readonly [number, number];
  const stated = call.integers("qkv_hidden_sizes") ?? [];
  const sizes = stated.length > 0 ? stated : PARTS.map(() => outputs / 3);
  const whole = sizes.every((size) => Number.isInteger(size) && size > 0);
  if (sizes.length !== 3 || !whole || sizes.reduce((sum, size) => sum + size, 0) !== outputs) {
    return `its ${outputs} columns aren't queries, keys and values of ${sizes.map((size) => Math.floor(size)).join(", ")}`;
  }
  const steps = rowMajor(shape);
  const found: Placed[] = [];
  let from = 0;
  for (const [n, part] of PARTS.entries()) {
    const size = sizes[n]!;
    const columns = call.derive(viewed("Slice", weights, { sizes: [inputs, size], steps, offset: from }));
    if (typeof columns === "string") return columns;
    const attention: AttentionUse | undefined =
      heads > 0 && size % heads === 0 ? { part, count: heads, queries: 1, node: call.title } : undefined;
    found.push(placed(columns, "neurons-last", { part, attention }));
    from += size;
  }
  return found;
}

export const ATTENTIONS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["com.microsoft", "Attention", packed],
  ["com.microsoft", "PackedAttention", packed],
  ["com.microsoft", "DecoderMaskedSelfAttention", packed],
  ["com.microsoft", "QAttention", quantizedPacked],
];
