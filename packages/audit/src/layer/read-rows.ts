/** A layer's neurons as rows: all of them, or so many rows drawn at random as fit into memory. */
import { EnergyError, type FloatArray, neuronAxes, randomStream, toNeurons } from "@comhe/core";
import { type LayerSource, readNeurons } from "@comhe/models";
import type { BrokenRows } from "./row-health.js";

/** Numbers of a layer that are read at once. An audit holds some five copies. */
const mostNumbers = 80_000_000;

export interface LayerRows extends BrokenRows {
  readonly rows: FloatArray;
  readonly count: number;
  readonly dim: number;
  /** Rows of the file they stand for. */
  readonly allRows: number;
  /** Which row of the file a row is. */
  readonly place: (row: number) => number;
}

/**
 * @param dropBroken rows that aren't finite become zeros, and are listed, in place of an error
 * @throws EnergyError `invalid-file`, `non-finite`; `unsupported` for a table that doesn't fit into memory and can't be read in parts
 */
export async function readRows(layer: LayerSource, seed: number, dropBroken = false): Promise<LayerRows> {
  const { count, dim } = neuronAxes(layer.shape, layer.layout);
  let rows: FloatArray;
  let kept = count;
  let places: Int32Array | undefined;
  if (count * dim <= mostNumbers) {
    rows = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout }).data;
  } else {
    kept = Math.floor(mostNumbers / 2 / dim);
    if (kept < 1) {
      throw new EnergyError(
        "unsupported",
        `a neuron of ${dim} numbers doesn't fit into memory (${layer.shape.join("×")}, layout ${JSON.stringify(layer.layout)}). If another axis counts the neurons, say so by --layout.`,
      );
    }
    places = chooseRows(count, kept, layer, seed);
    rows = await readNeurons(layer, places);
  }
  const place = (row: number) => places?.[row] ?? row;
  const broken = dropBroken ? dropRows(rows, kept, dim) : checkFinite(rows, kept, dim, place);
  return { rows: broken.rows, count: kept, dim, allRows: count, place, nan: broken.nan, infinite: broken.infinite };
}

/** Selection sampling: each row with the chance that leaves the right number; ascending, so that reading goes forward. */
function chooseRows(count: number, wanted: number, { name }: LayerSource, seed: number): Int32Array {
  const stream = randomStream(seed, `${name}, rows`, 0);
  const places = new Int32Array(wanted);
  let taken = 0;
  for (let row = 0; taken < wanted; row++) if (stream.below(count - row) < wanted - taken) places[taken++] = row;
  return places;
}

/** The rows with zeros in place of those that aren't finite. */
function dropRows(rows: FloatArray, count: number, dim: number): BrokenRows & { readonly rows: FloatArray } {
  const nan: number[] = [];
  const infinite: number[] = [];
  const kept = rows.slice();
  for (let row = 0; row < count; row++) {
    const numbers = rows.subarray(row * dim, (row + 1) * dim);
    if (numbers.every(Number.isFinite)) continue;
    (numbers.some(Number.isNaN) ? nan : infinite).push(row);
    kept.fill(0, row * dim, (row + 1) * dim);
  }
  return { rows: kept, nan, infinite };
}

function checkFinite(
  rows: FloatArray,
  count: number,
  dim: number,
  place: (row: number) => number,
): BrokenRows & { readonly rows: FloatArray } {
  let wrong = 0;
  let first = -1;
  for (let n = 0; n < rows.length; n++) {
    if (Number.isFinite(rows[n])) continue;
    if (wrong++ === 0) first = n;
  }
  if (wrong === 0) return { rows, nan: [], infinite: [] };
  const row = place(Math.floor(first / dim));
  throw new EnergyError(
    "non-finite",
    `${wrong} of its ${count * dim} numbers ${wrong === 1 ? "is" : "are"} NaN or infinite; the first is ${rows[first]} in neuron ${row}, entry ${first % dim}.`,
    { row, column: first % dim, count: wrong },
  );
}
