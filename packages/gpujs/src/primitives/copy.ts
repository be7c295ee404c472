/** Copies that pick entries at regular distances: transposing and slicing; and joining. */
import type { Shape } from "@comhe/core";
import { stridesOf, walk } from "@comhe/core/tensor-backend";
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { indexConstants, indexText } from "./index-text.js";

/** Entry by entry out of `a`, whose entries lie `strides` apart along the axes of `shape`, from `start` on. */
function copy(engine: Engine, a: DeviceArray, shape: Shape, strides: readonly number[], start: number): DeviceArray {
  const { extent, strides: walked } = walk(shape, [strides]);
  const on = walked[0]!;
  return engine.run(
    {
      name: `copy ${on}`,
      source: () => `function(a) { return a[${indexText("a", on)} + this.constants.start]; }`,
      constants: { ...indexConstants("a", on), start },
    },
    [a],
    extent,
    shape,
  );
}

export function transpose(engine: Engine, a: DeviceArray, permutation: readonly number[]): DeviceArray {
  const strides = stridesOf(a.shape);
  return copy(
    engine,
    a,
    permutation.map((axis) => a.shape[axis]!),
    permutation.map((axis) => strides[axis]!),
    0,
  );
}

export function slice(engine: Engine, a: DeviceArray, axis: number, start: number, length: number): DeviceArray {
  const strides = stridesOf(a.shape);
  const shape = a.shape.map((size, n) => (n === axis ? length : size));
  return copy(engine, a, shape, strides, start * strides[axis]!);
}

export function concat(engine: Engine, parts: readonly DeviceArray[], axis: number): DeviceArray {
  return parts.reduce((a, b) => concatTwo(engine, a, b, axis));
}

function concatTwo(engine: Engine, a: DeviceArray, b: DeviceArray, axis: number): DeviceArray {
  const shape = a.shape.map((length, n) => (n === axis ? length + b.shape[n]! : length));
  const [before, , after] = split(shape, axis);
  const [fromA, fromB] = [a.shape[axis]! * after, b.shape[axis]! * after];
  return engine.run(
    {
      name: "concat",
      source: () => `function(a, b) {
        if (this.thread.x < this.constants.fromA) { return a[this.thread.y * this.constants.fromA + this.thread.x]; }
        return b[this.thread.y * this.constants.fromB + this.thread.x - this.constants.fromA];
      }`,
      constants: { fromA, fromB },
    },
    [a, b],
    [fromA + fromB, before, 1],
    shape,
  );
}

/** Numbers before, along and after an axis. */
export function split(shape: Shape, axis: number): [before: number, along: number, after: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}
