/**
 * Tensors of the engine whose heap JavaScript sees, tfjs's wasm, read and written where they lie. Copying is nothing; but an array of ten
 * kilobytes for each copy costs as much as a small layer's energy, in memory that is found, cleared and collected again.
 */
import type { Shape } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";

/** What tfjs's wasm engine offers its own kernels. */
interface HeapEngine {
  makeOutput(shape: readonly number[], dtype: "float32"): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
}

function heapEngine(): HeapEngine | undefined {
  const engine = tf.backend() as Partial<HeapEngine>;
  const hasHeap = typeof engine.makeOutput === "function" && typeof engine.typedArrayFromHeap === "function";
  return hasHeap ? (engine as HeapEngine) : undefined;
}

/** A tensor's numbers, to be read at once: the next tensor that is made may move them. */
export function numbersOf(tensor: tf.Tensor): Float32Array {
  const engine = tensor.dtype === "float32" ? heapEngine() : undefined;
  return engine ? engine.typedArrayFromHeap(tensor) : tensor.dataSync<"float32">();
}

/** A tensor that `write` fills from the first number to the last; it may make no tensors meanwhile. */
export function tensorOf(shape: Shape, write: (into: Float32Array) => void): tf.Tensor {
  const engine = heapEngine();
  if (!engine) {
    const numbers = new Float32Array(tf.util.sizeFromShape([...shape]));
    write(numbers);
    return tf.tensor(numbers, [...shape]);
  }
  const made = engine.makeOutput([...shape], "float32");
  write(engine.typedArrayFromHeap(made));
  return tf.engine().makeTensorFromTensorInfo(made);
}

/** Of one length so many numbers are kept: four megabytes. */
const mostSpare = 2 ** 20;

/** Numbers for a while, to be given back: from one step to the next they are the same. What nobody gives back is the collector's. */
export class Spares {
  private readonly spares = new Map<number, Float32Array[]>();

  take(length: number): Float32Array {
    return this.spares.get(length)?.pop() ?? new Float32Array(length);
  }

  giveBack(numbers: Float32Array): void {
    const same = this.spares.get(numbers.length) ?? [];
    this.spares.set(numbers.length, same);
    if ((same.length + 1) * numbers.length <= mostSpare) same.push(numbers);
  }
}
