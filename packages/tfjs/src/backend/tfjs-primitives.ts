/** Tensor primitives on whichever tfjs backend is active. Data stays where that backend keeps it. */
import type { FloatArray, Shape } from "@comhe/core";
import type { TensorPrimitives } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";
import { matmul } from "./matmul.js";

/**
 * Constants of each tfjs backend: moving a cast tensor from the cpu backend to another one reinterprets its bytes
 * (tfjs 4.22), so none is shared.
 */
const constants = new WeakMap<object, Map<string, tf.Tensor>>();

function keptConstants(): Map<string, tf.Tensor> {
  const backend = tf.backend();
  const kept = constants.get(backend) ?? new Map<string, tf.Tensor>();
  constants.set(backend, kept);
  return kept;
}

function constant(key: string, make: () => tf.Tensor): tf.Tensor {
  const kept = keptConstants();
  const known = kept.get(key);
  if (known && !known.isDisposed) return known;
  const made = tf.keep(tf.tidy(make));
  kept.set(key, made);
  return made;
}

/** Bounds the constants kept: scalars beyond it are made anew each time. */
const mostConstants = 512;

function scalar(value: number): tf.Tensor {
  const kept = keptConstants();
  if (kept.size >= mostConstants && !kept.has(`scalar ${value}`)) return tf.scalar(value);
  return constant(`scalar ${value}`, () => tf.scalar(value));
}

async function download<R extends Record<string, tf.Tensor>>(arrays: R): Promise<{ [K in keyof R]: FloatArray }> {
  const entries = await Promise.all(
    Object.entries(arrays).map(async ([name, tensor]) => {
      const data = (await tensor.data()) as Float32Array;
      // The cpu backend hands out the tensor's own memory.
      return [name, Float32Array.from(data)] as const;
    }),
  );
  tf.dispose(arrays);
  return Object.fromEntries(entries) as { [K in keyof R]: FloatArray };
}

/** 1 where a < b, else 0. Casts to float32 leave whole numbers as they are on tfjs's engine webgpu (4.22): there a step says it. */
function less(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.getBackend() === "webgpu" ? tf.step(tf.sub(b, a)) : tf.cast(tf.less(a, b), "float32");
}

/**
 * 1 at the first of a's largest numbers, else 0: uncast for the same reason, and cast on engine wasm, whose `oneHot` knows no float32. Engine webgpu
 * gives the index of a vector's maximum an axis of its own.
 */
function firstMaximum(a: tf.Tensor): tf.Tensor {
  const index = tf.reshape(tf.argMax(a), []);
  if (tf.getBackend() === "webgpu") return tf.oneHot(index, a.size, 1, 0, "float32") as tf.Tensor;
  return tf.cast(tf.oneHot(index, a.size), "float32");
}

export const tfjsPrimitives: TensorPrimitives<tf.Tensor> = {
  upload: (data: FloatArray, shape: Shape) =>
    tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), [...shape], "float32"),
  download,
  scope: (body) => tf.tidy(body as () => tf.TensorContainer) as ReturnType<typeof body>,
  shape: (a) => a.shape,
  scalar,
  fill: (shape, value) => tf.fill([...shape], value),
  range: (length) => tf.range(0, length, 1, "float32"),
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  abs: tf.abs,
  square: tf.square,
  sqrt: tf.sqrt,
  reciprocal: (a) => tf.div(scalar(1), a),
  exp: tf.exp,
  log: tf.log,
  atan: tf.atan,
  power: (a, exponent) => tf.pow(a, scalar(exponent)),
  less,
  matmul,
  sum: (a, axis) => tf.sum(a, axis, true),
  max: (a, axis) => tf.max(a, axis, true),
  transpose: (a, permutation) => tf.transpose(a, [...permutation]),
  reshape: (a, shape) => tf.reshape(a, [...shape]),
  slice: (a, axis, start, length) => {
    const begin = a.shape.map((_, at) => (at === axis ? start : 0));
    return tf.slice(
      a,
      begin,
      a.shape.map((size, at) => (at === axis ? length : size)),
    );
  },
  concat: (parts, axis) => tf.concat([...parts], axis),
  gather: (a, index, axis) => tf.gather(a, tf.tensor1d(index, "int32"), axis),
  firstMaximum,
  constant,
};
