/** A layer's neurons as rows: all of them, or so many rows drawn at random as fit into memory. */
import { EnergyError, type FloatArray, neuronAxes, randomStream, toNeurons } from "@comhe/core";
import type { LayerSource } from "@comhe/models";
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
 * @throws EnergyError `invalid-file`, `unsupported`, `non-finite`
 */
export async function readRows(layer: LayerSource, seed: number, dropBroken = false): Promise<LayerRows> {
  const { count, dim, identity } = neuronAxes(layer.shape, layer.layout);
  let rows: FloatArray;
  let kept = count;
  let places: Int32Array | undefined;
  if (count * dim <= mostNumbers) {
    rows = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout }).data;
  } else if (identity && layer.readPart && dim * 2 <= mostNumbers) {
    kept = Math.floor(mostNumbers / 2 / dim);
    places = new Int32Array(kept);
    rows = await drawRows(layer, count, dim, places, seed);
  } else {
    throw new EnergyError(
      "unsupported",
      `${layer.shape.join("×")} numbers don't fit into memory, and this format can't be read in rows. Save the layer as safetensors.`,
    );
  }
  const place = (row: number) => places?.[row] ?? row;
  const broken = dropBroken ? dropRows(rows, kept, dim) : checkFinite(rows, kept, dim, place);
  return { rows: broken.rows, count: kept, dim, allRows: count, place, nan: broken.nan, infinite: broken.infinite };
}

/** Selection sampling: each row with the chance that leaves the right number; in order, so that reading goes forward. */
async function drawRows(layer: LayerSource, count: number, dim: number, places: Int32Array, seed: number) {
  const wanted = places.length;
  const stream = randomStream(seed, `${layer.name}, rows`, 0);
  const rows = new Float32Array(wanted * dim);
  const block = Math.max(1, Math.floor(4_000_000 / dim));
  let taken = 0;
  for (let from = 0; from < count && taken < wanted; from += block) {
    const size = Math.min(block, count - from);
    const numbers = await layer.readPart!(from * dim, size * dim);
    for (let i = 0; i < size && taken < wanted; i++) {
      if (stream.below(count - from - i) < wanted - taken) {
        rows.set(numbers.subarray(i * dim, (i + 1) * dim), taken * dim);
        places[taken++] = from + i;
      }
    }
  }
  return rows;
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
