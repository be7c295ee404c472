/**
 * Some of a layer's neurons, out of a table that needn't fit into memory. Where neurons are rows of the file, the stretches
 * that hold them are read; where they lie across it (`[in, out]`), one pass over the file picks their numbers up.
 */
import { EnergyError, type FloatArray, neuronAxes } from "@comhe/core/layouts";
import type { LayerSource } from "./layer-source.js";

/** Numbers that are read at a time. */
const atOnce = 1 << 22;
/** Numbers between two neurons that are read along, where two reads would cost more. */
const widestGap = 1 << 14;

/**
 * Reads some neurons of a layer, as rows `[chosen.length, d]`. Beside the result it holds a few million numbers in memory at a time.
 *
 * @param chosen which neurons, from 0 on, in increasing order
 * @throws EnergyError `invalid-file` where the numbers are damaged or can't be had; `unsupported` where the format can't read a part of this layer
 * @throws RangeError for a `chosen` that isn't neurons of the layer in increasing order
 */
export async function readNeurons(layer: LayerSource, chosen: ArrayLike<number>): Promise<FloatArray> {
  const { count, dim, identity, axes } = neuronAxes(layer.shape, layer.layout);
  checkChosen(chosen, count);
  if (layer.readPart === undefined) {
    throw new EnergyError(
      "unsupported",
      `${layer.name}: ${layer.shape.join("×")} numbers of a kind that can't be read in parts (compressed, or with no ` +
        "fixed width). Save the layer as safetensors.",
    );
  }
  const read = (from: number, wanted: number) => layer.readPart!(from, wanted);
  return identity ? readRows(read, chosen, dim) : readAcross(read, layer.shape, axes, chosen, count, dim);
}

function checkChosen(chosen: ArrayLike<number>, count: number): void {
  for (let n = 0; n < chosen.length; n++) {
    const fits = Number.isInteger(chosen[n]) && chosen[n]! >= 0 && chosen[n]! < count;
    if (fits && (n === 0 || chosen[n]! > chosen[n - 1]!)) continue;
    throw new RangeError(`Expected ascending numbers of ${count} neurons, got ${chosen[n]} at ${n}.`);
  }
}

type ReadPart = (from: number, count: number) => Promise<FloatArray>;

async function readRows(read: ReadPart, chosen: ArrayLike<number>, dim: number): Promise<FloatArray> {
  const result = results(chosen.length * dim);
  for (let n = 0; n < chosen.length; ) {
    const first = chosen[n]!;
    let end = n + 1;
    // As long as the next one is near, it comes along.
    while (
      end < chosen.length &&
      (chosen[end]! - chosen[end - 1]! - 1) * dim <= widestGap &&
      (chosen[end]! - first + 1) * dim <= atOnce
    ) {
      end++;
    }
    const numbers = await read(first * dim, (chosen[end - 1]! - first + 1) * dim);
    const rows = result.of(numbers);
    for (; n < end; n++) {
      const from = (chosen[n]! - first) * dim;
      rows.set(numbers.subarray(from, from + dim), n * dim);
    }
  }
  return result.all();
}

/** Line by line along the last axis: in a line, either the neuron or the place in it counts up. */
async function readAcross(
  read: ReadPart,
  shape: readonly number[],
  axes: readonly number[],
  chosen: ArrayLike<number>,
  count: number,
  dim: number,
): Promise<FloatArray> {
  const result = results(chosen.length * dim);
  const place = new Int32Array(count).fill(-1);
  for (let n = 0; n < chosen.length; n++) place[chosen[n]!] = n;
  const steps = stepsOf(shape, axes);
  const last = shape.length - 1;
  const length = shape[last]!;
  const lines = (count * dim) / length;
  const position = shape.map(() => 0);
  let [neuron, entry] = [0, 0];
  const block = Math.max(1, Math.floor(atOnce / length));
  for (let line = 0; line < lines; line += block) {
    const taken = Math.min(block, lines - line);
    const numbers = await read(line * length, taken * length);
    const rows = result.of(numbers);
    for (let i = 0; i < taken; i++) {
      for (let at = 0; at < length; at++) {
        const row = place[neuron + at * steps[last]!.neuron]!;
        if (row >= 0) rows[row * dim + entry + at * steps[last]!.entry] = numbers[i * length + at]!;
      }
      for (let axis = last - 1; axis >= 0; axis--) {
        neuron += steps[axis]!.neuron;
        entry += steps[axis]!.entry;
        if (++position[axis]! < shape[axis]!) break;
        neuron -= steps[axis]!.neuron * shape[axis]!;
        entry -= steps[axis]!.entry * shape[axis]!;
        position[axis] = 0;
      }
    }
  }
  return result.all();
}

/** By how much a step along each axis moves on among neurons, or within one. */
function stepsOf(shape: readonly number[], axes: readonly number[]): { neuron: number; entry: number }[] {
  const steps = shape.map(() => ({ neuron: 0, entry: 0 }));
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  let step = 1;
  for (const axis of [...axes].reverse()) {
    steps[axis]!.neuron = step;
    step *= shape[axis]!;
  }
  step = 1;
  for (const axis of others.reverse()) {
    steps[axis]!.entry = step;
    step *= shape[axis]!;
  }
  return steps;
}

/** An array of the type that is read, which the first read tells. */
function results(length: number) {
  let made: FloatArray | undefined;
  const of = (like: FloatArray): FloatArray => {
    made ??= like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
    return made;
  };
  return { of, all: () => made ?? new Float32Array(length) };
}
