/**
 * One pass over all rows of a layer that doesn't fit into memory, in stretches. It is worth its time: what is dead, broken or a copy
 * in a vocabulary is what its owner looks for, and a sample would miss most of it.
 */
import { EnergyError, type FloatArray, neuronAxes } from "@comhe/core";
import { type LayerSource, readNeurons } from "@comhe/models";
import { type RowScan, RowScanner } from "./row-scan.js";

/** Numbers of a stretch, where rows lie one after the other in the file, and where each stretch is a pass over it. */
const [stretch, longStretch] = [1 << 22, 40_000_000];

/** Rows of which what the pass keeps, 72 bytes each, is a few hundred megabytes. */
const mostRows = 4_000_000;

/** The share of the rows after which the time of the pass is known. */
const tried = 0.02;

/**
 * @param take gets each stretch of rows, and the number of its first one
 * @param milliseconds how long the pass may take; `null`: as long as it takes
 * @param tick awaited now and then; what it throws ends the pass
 * @returns `undefined` where the time or the memory doesn't suffice
 * @throws EnergyError `invalid-file`; `unsupported` where the format can't read a part of this layer
 */
export async function scanLayer(
  layer: LayerSource,
  take: (rows: FloatArray, first: number) => void,
  milliseconds: number | null,
  tick: () => Promise<void>,
): Promise<RowScan | undefined> {
  const { count, dim, identity } = neuronAxes(layer.shape, layer.layout);
  if (count > mostRows) return undefined;
  const scanner = new RowScanner(count, dim);
  const step = Math.max(1, Math.floor((identity ? stretch : longStretch) / dim));
  const begin = performance.now();
  for (let first = 0; first < count; first += step) {
    const rows = await readStretch(layer, first, Math.min(step, count - first), dim, identity);
    scanner.add(rows);
    take(rows, first);
    await tick();
    const share = Math.min(1, (first + step) / count);
    if (milliseconds !== null && share >= tried && performance.now() - begin > milliseconds * share) return undefined;
  }
  return scanner.result();
}

function readStretch(
  layer: LayerSource,
  first: number,
  count: number,
  dim: number,
  identity: boolean,
): Promise<FloatArray> {
  if (identity && layer.readPart) return layer.readPart(first * dim, count * dim);
  return readNeurons(
    layer,
    Int32Array.from({ length: count }, (_, n) => first + n),
  );
}

/** @throws EnergyError `non-finite` where a number of the layer is NaN or infinite */
export function checkFinite({ wrong, norms, dim }: RowScan): void {
  if (wrong.numbers > 0) throw nonFinite(wrong.numbers, norms.length * dim, wrong.value, wrong.row, wrong.column);
}

/** The error for a layer with numbers that aren't finite; of the first of them, where it lies. */
export function nonFinite(numbers: number, all: number, value: number, row: number, column: number): EnergyError {
  return new EnergyError(
    "non-finite",
    `${numbers} of its ${all} numbers ${numbers === 1 ? "is" : "are"} NaN or infinite; the first is ${value} in neuron ${row}, entry ${column}.`,
    { row, column, count: numbers },
  );
}
