/** The tensor primitives from which core lowers whatever this package has no kernel of its own for. */
import type { Shape } from "@comhe/core";
import { broadcastShape, broadcastWalk, type TensorPrimitives } from "@comhe/core/tensor-backend";
import { type DeviceArray, type Extent, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { arctangentText } from "../kernels/potential-text.js";
import { concat, slice, split, transpose } from "./copy.js";
import { indexConstants, indexText } from "./index-text.js";
import { product } from "./product.js";

export function gpujsPrimitives(engine: Engine): TensorPrimitives<DeviceArray> {
  const scalar = (value: number) => engine.constant(`scalar ${value}`, () => engine.upload(Float32Array.of(value), []));
  const host = (key: string, shape: Shape, entry: (n: number) => number) =>
    engine.constant(key, () =>
      engine.upload(
        Float32Array.from({ length: sizeOf(shape) }, (_, n) => entry(n)),
        shape,
      ),
    );

  const unary = (name: string, text: string) => (a: DeviceArray) =>
    engine.run(
      { name, source: () => `function(a) { const v = a[this.thread.x]; ${text} }` },
      [a],
      [sizeOf(a.shape), 1, 1],
      a.shape,
    );

  const binary = (name: string, text: string) => (a: DeviceArray, b: DeviceArray) => {
    const shape = broadcastShape([a.shape, b.shape]);
    const { extent, strides } = broadcastWalk(shape, [a.shape, b.shape]);
    const [onA, onB] = strides as [Extent, Extent];
    return engine.run(
      {
        name: `${name} ${onA} ${onB}`,
        source: () =>
          `function(a, b) { const v = a[${indexText("a", onA)}]; const w = b[${indexText("b", onB)}]; ${text} }`,
        constants: { ...indexConstants("a", onA), ...indexConstants("b", onB) },
      },
      [a, b],
      extent,
      shape,
    );
  };

  /** One number for each run along an axis; `text` folds `v`, entry k, into `r`. */
  const fold = (name: string, first: string, text: string) => (a: DeviceArray, axis: number) => {
    const [before, along, after] = split(a.shape, axis);
    const at = (k: string) => `(this.thread.y * this.constants.along + ${k}) * this.constants.after + this.thread.x`;
    return engine.run(
      {
        name,
        source: () => `function(a) {
          let r = ${first === "" ? `a[${at("0")}]` : first};
          for (let k = 0; k < this.constants.along; k++) { const v = a[${at("k")}]; ${text} }
          return r;
        }`,
        constants: { along, after },
      },
      [a],
      [after, before, 1],
      a.shape.map((length, n) => (n === axis ? 1 : length)),
    );
  };

  return {
    upload: (data, shape) => engine.upload(data, shape),
    download: (arrays) => engine.download(arrays),
    scope: (body) => engine.scope(body),
    shape: (a) => a.shape,
    scalar,
    fill: (shape, value) => host(`fill ${shape.join("×")} ${value}`, shape, () => value),
    range: (length) => host(`range ${length}`, [length], (n) => n),
    add: binary("add", "return v + w;"),
    sub: binary("sub", "return v - w;"),
    mul: binary("mul", "return v * w;"),
    div: binary("div", "return v / w;"),
    maximum: binary("maximum", "return Math.max(v, w);"),
    minimum: binary("minimum", "return Math.min(v, w);"),
    abs: unary("abs", "return Math.abs(v);"),
    square: unary("square", "return v * v;"),
    sqrt: unary("sqrt", "return Math.sqrt(v);"),
    reciprocal: unary("reciprocal", "return 1 / v;"),
    exp: unary("exp", "return Math.exp(v);"),
    log: unary("log", "return Math.log(v);"),
    // Core asks for angles of pairs alone, whose tangents aren't negative.
    atan: unary("atan", `${arctangentText("v", "angle")} return angle;`),
    power: (a, exponent) =>
      engine.run(
        { name: "power", source: () => "function(a, e) { return Math.pow(a[this.thread.x], e); }" },
        [a, exponent],
        [sizeOf(a.shape), 1, 1],
        a.shape,
      ),
    less: binary("less", "if (v < w) { return 1; } return 0;"),
    matmul: (a, b, transposeA, transposeB) => product(engine, a, b, { transposeA, transposeB }),
    sum: fold("sum", "0", "r += v;"),
    max: fold("max", "", "r = Math.max(r, v);"),
    transpose: (a, permutation) => transpose(engine, a, permutation),
    reshape: (a, shape) => engine.reshape(a, shape),
    slice: (a, axis, start, length) => slice(engine, a, axis, start, length),
    concat: (parts, axis) => concat(engine, parts, axis),
    gather: (a, index, axis) => {
      const [before, along, after] = split(a.shape, axis);
      const at = engine.upload(Float32Array.from(index), [index.length]);
      return engine.run(
        {
          name: "gather",
          source: () => `function(a, at) {
            return a[(this.thread.z * this.constants.along + at[this.thread.y]) * this.constants.after + this.thread.x];
          }`,
          constants: { along, after },
        },
        [a, at],
        [after, index.length, before],
        a.shape.map((length, n) => (n === axis ? index.length : length)),
      );
    },
    firstMaximum: (a) =>
      engine.run(
        {
          name: "first maximum",
          source: () => `function(a) {
            let before = 0;
            const own = a[this.thread.x];
            for (let k = 0; k < this.constants.length; k++) {
              if (a[k] > own) { before = 1; }
              if (k < this.thread.x && a[k] === own) { before = 1; }
            }
            return 1 - before;
          }`,
          constants: { length: sizeOf(a.shape) },
        },
        [a],
        [sizeOf(a.shape), 1, 1],
        a.shape,
      ),
    constant: (key, make) => engine.constant(key, make),
  };
}
