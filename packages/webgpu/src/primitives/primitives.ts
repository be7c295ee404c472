/** The tensor primitives from which core lowers whatever this package has no kernel of its own for. */
import type { Shape } from "@comhe/core";
import { stridesOf, type TensorPrimitives } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Kernel } from "../device/kernel.js";
import { sizeOf } from "../device/sizes.js";
import { halfAngleText } from "../kernels/potential-text.js";
import { add, binary, copy, fillWith, groupsFor, indexText, rowMajor, unary } from "./elementwise.js";
import { maxAlong, sumAlong } from "./folds.js";
import { product } from "./product.js";

const gatherKernel = {
  name: "gather",
  parameters: { size: "u32", along: "u32", after: "u32", picked: "u32" },
  arrays: { a: { type: "f32" }, index: { type: "i32" }, result: { type: "f32", writes: true } },
  threads: 256,
  body: () => `${indexText}
  let inside = n % p.after; let at = (n / p.after) % p.picked; let before = n / (p.after * p.picked);
  result[n] = a[(before * p.along + u32(index[at])) * p.after + inside];`,
} as const satisfies Kernel;

const firstMaximumKernel = {
  name: "first maximum",
  parameters: { size: "u32" },
  arrays: { a: { type: "f32" }, result: { type: "f32", writes: true } },
  threads: 256,
  body: () => `${indexText}
  let own = a[n];
  var isFirst = true;
  for (var k = 0u; k < p.size; k++) { if (a[k] > own || (k < n && a[k] == own)) { isFirst = false; } }
  result[n] = select(0.0, 1.0, isFirst);`,
} as const satisfies Kernel;

function gather(engine: Engine, a: DeviceArray, index: Int32Array, axis: number): DeviceArray {
  const after = sizeOf(a.shape.slice(axis + 1));
  const shape = a.shape.map((length, n) => (n === axis ? index.length : length));
  const size = sizeOf(shape);
  const result = engine.make(shape);
  engine.run(gatherKernel, {
    arrays: { a, index: engine.write(index, [index.length]), result },
    parameters: { size, along: a.shape[axis]!, after, picked: index.length },
    groups: groupsFor(size),
    work: 8 * size,
  });
  return result;
}

function firstMaximum(engine: Engine, a: DeviceArray): DeviceArray {
  const size = sizeOf(a.shape);
  const result = engine.make(a.shape);
  engine.run(firstMaximumKernel, {
    arrays: { a, result },
    parameters: { size },
    groups: groupsFor(size),
    work: size * size,
  });
  return result;
}

function concat(engine: Engine, parts: readonly DeviceArray[], axis: number): DeviceArray {
  const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = parts[0]!.shape.map((length, n) => (n === axis ? total : length));
  const result = engine.make(shape);
  const { strides } = rowMajor(shape);
  let start = 0;
  for (const part of parts) {
    copy(engine, part, part.shape, rowMajor(part.shape), { result, to: { strides, start: start * strides[axis]! } });
    start += part.shape[axis]!;
  }
  return result;
}

export function webgpuPrimitives(engine: Engine): TensorPrimitives<DeviceArray> {
  const power = unary(engine, "power", "pow(v, p.e)");
  const slice = (a: DeviceArray, axis: number, start: number, length: number) => {
    const strides = stridesOf(a.shape);
    const shape: Shape = a.shape.map((size, n) => (n === axis ? length : size));
    return copy(engine, a, shape, { strides, start: start * strides[axis]! });
  };
  const transpose = (a: DeviceArray, permutation: readonly number[]) => {
    const strides = stridesOf(a.shape);
    const pick = (of: readonly number[]) => permutation.map((axis) => of[axis]!);
    return copy(engine, a, pick(a.shape), { strides: pick(strides), start: 0 });
  };
  return {
    upload: (data, shape) => engine.upload(data, shape),
    download: (arrays) => engine.download(arrays),
    scope: (body) => engine.scope(body),
    shape: (a) => a.shape,
    scalar: (value) => engine.fill([], value),
    fill: (shape, value) => engine.fill(shape, value),
    range: (length) => fillWith(engine, [length], 0, 1),
    add: add(engine),
    sub: binary(engine, "sub", "v - w", (v, w) => v - w),
    mul: binary(engine, "mul", "v * w", (v, w) => v * w),
    div: binary(engine, "div", "v / w", (v, w) => v / w),
    maximum: binary(engine, "maximum", "max(v, w)", Math.max),
    minimum: binary(engine, "minimum", "min(v, w)", Math.min),
    less: binary(engine, "less", "select(0.0, 1.0, v < w)", (v, w) => (v < w ? 1 : 0)),
    abs: unary(engine, "abs", "abs(v)"),
    square: unary(engine, "square", "v * v"),
    sqrt: unary(engine, "sqrt", "sqrt(v)"),
    reciprocal: unary(engine, "reciprocal", "1.0 / v"),
    exp: unary(engine, "exp", "exp(v)"),
    log: unary(engine, "log", "log(v)"),
    // Core asks for angles of pairs alone, whose tangents aren't negative.
    atan: unary(engine, "atan", "arctangent_1(v)", halfAngleText),
    power: (a, exponent) => power(a, exponent),
    matmul: (a, b, transposeA, transposeB) => product(engine, a, b, { transposeA, transposeB }),
    sum: (a, axis) => sumAlong(engine, a, axis),
    max: (a, axis) => maxAlong(engine, a, axis),
    transpose,
    reshape: (a, shape) => engine.reshape(a, shape),
    slice,
    concat: (parts, axis) => concat(engine, parts, axis),
    gather: (a, index, axis) => gather(engine, a, index, axis),
    firstMaximum: (a) => firstMaximum(engine, a),
    constant: (key, make) => engine.constant(key, make),
  };
}
