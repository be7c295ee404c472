/**
 * Matrix products. A constant on the right, [in, out], has a neuron in each column; one on the left, [out, in], in each
 * row. A stack of matrices is a layer each.
 */
import { emptyLike } from "../../tensors/strided.js";
import type { Numbers } from "./data-type.js";
import type { Expression, Operation } from "./expression.js";
import { type Call, consecutive, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize, withoutZeroPoint } from "./quantization.js";

type Side = "left" | "right";

const BOTH = "both sides of the product are constant, so it is no layer";

/** Axes of a factor: neurons, and what is summed over. `transposed`: the operator swaps the last two first. */
function factor(op: string, matrix: Expression, side: Side, transposed: boolean): readonly Placed[] | string {
  const { shape } = matrix;
  if (shape.length === 0) return `${op} of a single number`;
  if (shape.length === 1) return [placed(matrix, "neurons-first", { shape: [1, shape[0]!] })];
  const rowsFirst = (side === "left") !== transposed;
  const last = shape.slice(-2);
  const stack = shape.slice(0, -2);
  return consecutive(matrix, last, rowsFirst ? "neurons-first" : "neurons-last", indices(stack));
}

/** Names of the members of a stack: "0", "1", … or "0,0", "0,1", … */
export function indices(stack: readonly number[]): string[] {
  const count = stack.reduce((total, size) => total * size, 1);
  // What is too many is refused by its number, not by its names.
  if (count > 1e5) return new Array<string>(Math.min(count, 1e6)).fill("");
  return Array.from({ length: count }, (_, n) => {
    const digits: number[] = [];
    let rest = n;
    for (const size of [...stack].reverse()) {
      digits.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    return digits.join(",");
  });
}

/** Places whichever side is constant. */
function product(
  call: Call,
  [left, right]: readonly [number, number],
  place: (matrix: Expression, side: Side) => readonly Placed[] | string,
): Placements {
  const a = call.constant(left);
  const b = call.constant(right);
  if (a !== undefined && b !== undefined) return new Map([left, right].map((input) => [input, BOTH]));
  if (b !== undefined) return new Map([[right, place(b, "right")]]);
  return new Map(a === undefined ? [] : [[left, place(a, "left")]]);
}

function matMul(call: Call): Placements {
  return product(call, [0, 1], (matrix, side) => factor(call.op, matrix, side, false));
}

/** αA′B′, each as it is or transposed. */
function gemm(call: Call): Placements {
  const alpha = call.float("alpha") ?? 1;
  return product(call, [0, 1], (matrix, side) => {
    if (matrix.shape.length !== 2) return `${call.op} expects a matrix, not ${shownShape(matrix.shape)}`;
    const transposed = (call.integer(side === "left" ? "transA" : "transB") ?? 0) !== 0;
    return scale(factor(call.op, matrix, side, transposed), alpha);
  });
}

function fusedMatMul(call: Call): Placements {
  const alpha = call.float("alpha") ?? 1;
  return product(call, [0, 1], (matrix, side) => {
    if ((call.integer(side === "left" ? "transBatchA" : "transBatchB") ?? 0) !== 0) {
      return `${call.op} swaps the axes of the stack`;
    }
    const transposed = (call.integer(side === "left" ? "transA" : "transB") ?? 0) !== 0;
    return scale(factor(call.op, matrix, side, transposed && matrix.shape.length > 1), alpha);
  });
}

function scale(result: readonly Placed[] | string, factor: number): readonly Placed[] | string {
  return typeof result === "string" ? result : result.map((each) => ({ ...each, factor: each.factor * factor }));
}

interface QuantizedInputs {
  /** Attributes that say which sides are transposed, and the product's factor. */
  readonly gemm?: boolean;
  readonly a: readonly [numbers: number, scale: number | undefined, zeroPoint: number];
  readonly b: readonly [numbers: number, scale: number | undefined, zeroPoint: number];
}

/**
 * Products of whole numbers. Scales and zero points are per tensor, or per row of the left and per column of the right.
 * Where the scale isn't an input, it comes after the product, and is looked for there; where it isn't found, directions are right and norms are in steps.
 */
function quantizedProduct({ a, b, gemm: isGemm = false }: QuantizedInputs): Rule {
  return (call) =>
    product(call, [a[0], b[0]], (matrix, side) => {
      const [, scaleInput, zeroInput] = side === "left" ? a : b;
      const flag = side === "left" ? "transA" : "transB";
      const transposed = isGemm && (call.integer(flag) ?? 0) !== 0;
      if (isGemm && matrix.shape.length !== 2) return `${call.op} expects a matrix, not ${shownShape(matrix.shape)}`;
      const axis = matrix.shape.length < 2 ? 0 : (side === "left") !== transposed ? -2 : -1;
      const zeroPoint = call.constant(zeroInput);
      const scaleOf = scaleInput === undefined ? undefined : call.constant(scaleInput);
      if ((call.given(zeroInput) && zeroPoint === undefined) || (scaleInput !== undefined && scaleOf === undefined)) {
        return "its scale or zero point is computed while the model runs";
      }
      const numbers = call.derive(
        scaleOf === undefined
          ? withoutZeroPoint(matrix, zeroPoint, { axis, block: 0 })
          : dequantize(matrix, scaleOf, zeroPoint, { axis, block: 0 }),
      );
      if (typeof numbers === "string") return numbers;
      const scaledAfter = scaleOf === undefined ? numbersScaledAfter(call, matrix, zeroPoint, side) : undefined;
      if (scaledAfter) return factor(call.op, scaledAfter, side, transposed);
      const alpha = isGemm ? (call.float("alpha") ?? 1) : 1;
      const result = scale(factor(call.op, numbers, side, transposed), alpha);
      if (typeof result === "string" || scaleOf !== undefined) return result;
      return result.map((each) => ({ ...each, scaled: false }));
    });
}

/** As MatMulInteger's are in a graph that multiplies the product by the weight's scale: by one for all, or by one for each of the right factor's columns. */
function numbersScaledAfter(call: Call, matrix: Expression, zeroPoint: Expression | undefined, side: Side) {
  const scale = call.scaleAfter();
  const columns = side === "right" ? matrix.shape.at(-1) : undefined;
  if (scale === undefined || !(scale.count === 1 || (scale.shape.length === 1 && scale.count === columns)))
    return undefined;
  // Quantizers give scales of columns beside one zero point for all.
  const zero = zeroPoint && (zeroPoint.count === 1 ? call.derive(repeated(zeroPoint, scale.shape)) : zeroPoint);
  if (typeof zero === "string") return undefined;
  const numbers = call.derive(dequantize(matrix, scale, zero, { axis: -1, block: 0 }));
  return typeof numbers === "string" ? undefined : numbers;
}

/** One number as often as a shape has places. */
function repeated(number: Expression, shape: readonly number[]): Operation {
  const count = shape.reduce((product, size) => product * size, 1);
  const fill = (value: Numbers | undefined, wanted: number) => {
    const filled = emptyLike(value!, wanted);
    return filled.fill(value![0] as never) as Numbers;
  };
  return {
    ...{ op: "repeat", parameters: count, shape, type: number.type, inputs: [number] },
    compute: ([value]) => fill(value, count),
    part: async (_, wanted, read) => fill(await read(0, 0, 1), wanted),
  };
}

export const PRODUCTS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["", "MatMul", matMul],
  ["", "Gemm", gemm],
  ["", "MatMulInteger", quantizedProduct({ a: [0, undefined, 2], b: [1, undefined, 3] })],
  ["", "QLinearMatMul", quantizedProduct({ a: [0, 1, 2], b: [3, 4, 5] })],
  ["com.microsoft", "FusedMatMul", fusedMatMul],
  ["com.microsoft", "FusedGemm", gemm],
  ["com.microsoft", "QGemm", quantizedProduct({ a: [0, 1, 2], b: [3, 4, 5], gemm: true })],
  ["com.microsoft", "DynamicQuantizeMatMul", quantizedProduct({ a: [0, undefined, 9], b: [1, 2, 3] })],
  ["com.microsoft", "MatMulIntegerToFloat", quantizedProduct({ a: [0, 2, 4], b: [1, 3, 5] })],
];
