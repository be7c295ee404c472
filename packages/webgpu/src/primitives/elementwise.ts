/** Kernels that make each number of an array from one or two others. */
import type { Shape } from "@comhe/core";
import { broadcastShape, broadcastWalk, type Triple, walk } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Kernel } from "../device/kernel.js";
import { sizeOf } from "../device/sizes.js";

const threads = 256;

/** The position of a thread's number: `n`, and along three axes `i`, `j`, `k`, the innermost first. */
export const indexText = `let n = group.x * ${threads}u + t;
  if (n >= p.size) { return; }`;
const axesText = "let i = n % p.nx; let j = (n / p.nx) % p.ny; let k = n / (p.nx * p.ny);";

export function groupsFor(size: number): readonly [number, number, number] {
  return [Math.ceil(size / threads), 1, 1];
}

const strideNames = (name: string) => ["x", "y", "z"].map((axis) => `${name}${axis}`);
const strideTypes = (...names: string[]) =>
  Object.fromEntries(names.flatMap(strideNames).map((name) => [name, "u32" as const]));
const strideValues = (name: string, strides: Triple) =>
  Object.fromEntries(strideNames(name).map((each, axis) => [each, strides[axis]!]));
const at = (name: string) => `i * p.${name}x + j * p.${name}y + k * p.${name}z`;

/** @param text an expression of `v`, of type f32 */
export function unary(engine: Engine, name: string, text: string, declarations = "") {
  const kernel = {
    name,
    parameters: { size: "u32", e: "f32" },
    arrays: { a: { type: "f32" }, result: { type: "f32", writes: true } },
    threads,
    declarations: () => declarations,
    body: () => `${indexText} let v = a[n]; result[n] = ${text};`,
  } as const satisfies Kernel;
  return (a: DeviceArray, e = 0): DeviceArray => {
    const size = sizeOf(a.shape);
    const result = engine.make(a.shape);
    engine.run(kernel, { arrays: { a, result }, parameters: { size, e }, groups: groupsFor(size), work: 8 * size });
    return result;
  };
}

/**
 * @param text an expression of `v` and `w`, of type f32
 * @param onHost the same of numbers
 */
export function binary(engine: Engine, name: string, text: string, onHost: (v: number, w: number) => number) {
  const kernelOf = (operands: readonly ("a" | "b")[]): Kernel => {
    const value = (which: "a" | "b") => (operands.includes(which) ? `${which}[${at(which)}]` : `p.${which}_value`);
    return {
      name: `${name} ${operands.join("")}`,
      parameters: { size: "u32", ...strideTypes("n", "a", "b"), a_value: "f32", b_value: "f32" },
      arrays: {
        ...Object.fromEntries(operands.map((which) => [which, { type: "f32" }])),
        result: { type: "f32", writes: true },
      },
      threads,
      body: () => `${indexText} ${axesText} let v = ${value("a")}; let w = ${value("b")}; result[n] = ${text};`,
    };
  };
  const kernels = { ab: kernelOf(["a", "b"]), a: kernelOf(["a"]), b: kernelOf(["b"]) };
  return (a: DeviceArray, b: DeviceArray): DeviceArray => {
    const shape = broadcastShape([a.shape, b.shape]);
    if (!a.storage && !b.storage) return engine.fill(shape, Math.fround(onHost(a.value, b.value)));
    const { extent, strides } = broadcastWalk(shape, [a.shape, b.shape]);
    const size = sizeOf(shape);
    const result = engine.make(shape);
    engine.run(a.storage ? (b.storage ? kernels.ab : kernels.a) : kernels.b, {
      arrays: { a, b, result },
      parameters: {
        size,
        ...strideValues("n", extent),
        ...strideValues("a", strides[0]!),
        ...strideValues("b", strides[1]!),
        a_value: a.value,
        b_value: b.value,
      },
      groups: groupsFor(size),
      work: 16 * size,
    });
    return result;
  };
}

const copyKernel: Kernel = {
  name: "copy",
  parameters: { size: "u32", ...strideTypes("n", "a", "r"), a_start: "u32", r_start: "u32" },
  arrays: { a: { type: "f32" }, result: { type: "f32", writes: true } },
  threads,
  body: () => `${indexText} ${axesText} result[p.r_start + ${at("r")}] = a[p.a_start + ${at("a")}];`,
};

/** Where copied numbers lie, one distance for each axis of the shape. */
export interface Place {
  readonly strides: readonly number[];
  readonly start: number;
}

/** Copies `shape` numbers from a place in `a` to one in `result`, or to a new array of that shape. */
export function copy(
  engine: Engine,
  a: DeviceArray,
  shape: Shape,
  from: Place,
  target?: { readonly result: DeviceArray; readonly to: Place },
): DeviceArray {
  const { result, to } = target ?? { result: engine.make(shape), to: rowMajor(shape) };
  const { extent, strides } = walk(shape, [from.strides, to.strides]);
  const size = sizeOf(shape);
  engine.run(copyKernel, {
    arrays: { a, result },
    parameters: {
      size,
      ...strideValues("n", extent),
      ...strideValues("a", strides[0]!),
      ...strideValues("r", strides[1]!),
      a_start: from.start,
      r_start: to.start,
    },
    groups: groupsFor(size),
    work: 8 * size,
  });
  return result;
}

/** Numbers that lie one behind the other. */
export function rowMajor(shape: Shape, start = 0): Place {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return { strides, start };
}

const fillKernel = {
  name: "fill",
  parameters: { size: "u32", value: "f32", step: "f32" },
  arrays: { result: { type: "f32", writes: true } },
  threads,
  body: () => `${indexText} result[n] = p.value + p.step * f32(n);`,
} as const satisfies Kernel;

/** `value`, `value + step`, …, in memory that a kernel may write to. */
export function fillWith(engine: Engine, shape: Shape, value: number, step = 0): DeviceArray {
  const size = sizeOf(shape);
  const result = engine.make(shape);
  engine.run(fillKernel, {
    arrays: { result },
    parameters: { size, value, step },
    groups: groupsFor(size),
    work: 4 * size,
  });
  return result;
}

/** a + b, entry by entry. */
export const add = (engine: Engine) => binary(engine, "add", "v + w", (v, w) => v + w);
