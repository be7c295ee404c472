/** Conv and its relatives: weights [out, in/groups, …kernel]; ConvTranspose: [in, out/groups, …kernel]. */
import type { Expression } from "./expression.js";
import { type Call, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize, withoutZeroPoint } from "./quantization.js";

/** The filters of output channels come first, those of one group side by side. */
function filters(call: Call, kernel: Expression): readonly Placed[] | string {
  const groups = call.integer("group") ?? 1;
  const { shape } = kernel;
  if (shape.length < 3) return `${call.op} expects a kernel [out, in/groups, …], not ${shownShape(shape)}`;
  if (!(groups >= 1) || shape[0]! % groups !== 0) {
    return `${call.op} with ${groups} groups doesn't fit a kernel of shape ${shownShape(shape)}`;
  }
  return [placed(kernel, "neurons-first", { groups })];
}

/** An output channel sums over the input channels of its group: [groups, in/groups, out/groups, …], neurons on 0 and 2. */
function transposedFilters(call: Call, kernel: Expression): readonly Placed[] | string {
  const groups = call.integer("group") ?? 1;
  const { shape } = kernel;
  if (shape.length < 3) return `${call.op} expects a kernel [in, out/groups, …], not ${shownShape(shape)}`;
  if (!(groups >= 1) || shape[0]! % groups !== 0) {
    return `${call.op} with ${groups} groups doesn't fit a kernel of shape ${shownShape(shape)}`;
  }
  if (groups === 1) return [placed(kernel, { neuronAxes: [1] })];
  const split = [groups, shape[0]! / groups, ...shape.slice(1)];
  return [placed(kernel, { neuronAxes: [0, 2] }, { shape: split, groups })];
}

function at(input: number, place: (call: Call, kernel: Expression) => readonly Placed[] | string): Rule {
  return (call) => {
    const kernel = call.constant(input);
    return new Map(kernel === undefined ? [] : [[input, place(call, kernel)]]);
  };
}

/** QLinearConv(x, x scale, x zero point, w, w scale, w zero point, …). */
function quantizedConvolution(call: Call): Placements {
  const kernel = call.constant(3);
  const scale = call.constant(4);
  const zeroPoint = call.constant(5);
  if (kernel === undefined) return new Map();
  if (scale === undefined || (call.given(5) && zeroPoint === undefined)) {
    return new Map([[3, "its scale or zero point is computed while the model runs"]]);
  }
  const numbers = call.derive(dequantize(kernel, scale, zeroPoint, { axis: 0, block: 0 }));
  return new Map([[3, typeof numbers === "string" ? numbers : filters(call, numbers)]]);
}

/** ConvInteger(x, w, x zero point, w zero point). */
function integerConvolution(call: Call): Placements {
  const kernel = call.constant(1);
  const zeroPoint = call.constant(3);
  if (kernel === undefined) return new Map();
  if (call.given(3) && zeroPoint === undefined) {
    return new Map([[1, "its zero point is computed while the model runs"]]);
  }
  const numbers = call.derive(withoutZeroPoint(kernel, zeroPoint, { axis: 0, block: 0 }));
  if (typeof numbers === "string") return new Map([[1, numbers]]);
  const result = filters(call, numbers);
  return new Map([[1, typeof result === "string" ? result : result.map((each) => ({ ...each, scaled: false }))]]);
}

export const CONVOLUTIONS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["", "Conv", at(1, filters)],
  ["", "DeformConv", at(1, filters)],
  ["", "ConvTranspose", at(1, transposedFilters)],
  ["", "QLinearConv", quantizedConvolution],
  ["", "ConvInteger", integerConvolution],
  ["com.microsoft", "FusedConv", at(1, filters)],
  ["com.microsoft.nchwc", "FusedConv", at(1, filters)],
];
