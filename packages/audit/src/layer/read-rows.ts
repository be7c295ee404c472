/**
 * A layer's neurons as rows: all of them, or so many rows drawn at random as fit into memory. Of those that don't fit, one pass sees each row
 * too, as far as the time allows.
 */
import { EnergyError, type FloatArray, neuronAxes, randomStream, toNeurons } from "@comhe/core";
import { type LayerSource, readNeurons } from "@comhe/models";
import type { BrokenRows } from "./row-health.js";
import type { RowScan } from "./row-scan.js";
import { checkFinite, nonFinite, scanLayer } from "./scan-layer.js";

/** Numbers of a layer that are held at once, unless the caller says how many. An audit holds some five copies. */
const mostNumbersHeld = 80_000_000;

export interface LayerRows extends BrokenRows {
  readonly rows: FloatArray;
  readonly count: number;
  readonly dim: number;
  /** Rows of the file they stand for. */
  readonly allRows: number;
  /** Which row of the file a row is. */
  readonly place: (row: number) => number;
  /** What all rows of the file are by themselves, where these are some of them and the time allowed to look at all. */
  readonly scan?: RowScan | undefined;
}

/** Options of {@link readRows}. */
export interface ReadOptions {
  readonly seed: number;
  /** Rows that aren't finite become zeros, and are listed, in place of an error. */
  readonly dropBroken: boolean;
  /** What a pass over rows that don't fit into memory may take; `null`: as long as it takes. */
  readonly milliseconds: number | null;
  /** Numbers of a larger layer are drawn: half as many, by rows. */
  readonly mostNumbers?: number | undefined;
  /** Called now and then; may throw to stop. */
  readonly tick: () => Promise<void>;
}

/** @throws EnergyError `invalid-file`, `non-finite`; `unsupported` for a table that doesn't fit into memory and can't be read in parts */
export async function readRows(layer: LayerSource, options: ReadOptions): Promise<LayerRows> {
  const { count, dim } = neuronAxes(layer.shape, layer.layout);
  if (count * dim > (options.mostNumbers ?? mostNumbersHeld)) return readSome(layer, count, dim, options);
  const { data: rows } = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout });
  const place = (row: number) => row;
  return { ...finiteRows(rows, count, dim, place, options), count, dim, allRows: count, place };
}

async function readSome(
  layer: LayerSource,
  allRows: number,
  dim: number,
  { seed, dropBroken, milliseconds, tick, mostNumbers = mostNumbersHeld }: ReadOptions,
): Promise<LayerRows> {
  const count = Math.floor(mostNumbers / 2 / dim);
  if (count < 1) {
    throw new EnergyError(
      "unsupported",
      `a neuron of ${dim} numbers doesn't fit into memory (${layer.shape.join("×")}, layout ${JSON.stringify(layer.layout)}). If another axis counts the neurons, say so by --layout.`,
    );
  }
  const places = chooseRows(allRows, count, layer, seed);
  const place = (row: number) => places[row]!;
  let some: FloatArray | undefined;
  let taken = 0;
  const scan = await scanLayer(
    layer,
    (rows, first) => {
      some ??= rows instanceof Float64Array ? new Float64Array(count * dim) : new Float32Array(count * dim);
      for (; taken < count && (places[taken]! - first + 1) * dim <= rows.length; taken++) {
        const from = (places[taken]! - first) * dim;
        some.set(rows.subarray(from, from + dim), taken * dim);
      }
    },
    milliseconds,
    tick,
  );
  if (scan && !dropBroken) checkFinite(scan);
  const rows = scan ? some! : await readNeurons(layer, places);
  return { ...finiteRows(rows, count, dim, place, { dropBroken }), count, dim, allRows, place, scan };
}

function finiteRows(
  rows: FloatArray,
  count: number,
  dim: number,
  place: (row: number) => number,
  { dropBroken }: Pick<ReadOptions, "dropBroken">,
): BrokenRows & { readonly rows: FloatArray } {
  if (dropBroken) return dropRows(rows, count, dim);
  refuseBroken(rows, count, dim, place);
  return { rows, nan: [], infinite: [] };
}

/** Selection sampling: each row with the chance that leaves the right number; ascending, so that reading goes forward. */
function chooseRows(count: number, wanted: number, { name }: LayerSource, seed: number): Int32Array {
  const stream = randomStream(seed, `${name}, rows`, 0);
  const places = new Int32Array(wanted);
  let taken = 0;
  for (let row = 0; taken < wanted; row++) if (stream.below(count - row) < wanted - taken) places[taken++] = row;
  return places;
}

/** The rows with zeros in place of those that aren't finite; the rows themselves where all are. */
function dropRows(rows: FloatArray, count: number, dim: number): BrokenRows & { readonly rows: FloatArray } {
  const nan: number[] = [];
  const infinite: number[] = [];
  let kept = rows;
  for (let row = 0; row < count; row++) {
    const [start, end] = [row * dim, (row + 1) * dim];
    let differences = 0;
    // A number less itself is 0, unless it is an infinity or NaN.
    for (let k = start; k < end; k++) differences += rows[k]! - rows[k]!;
    if (differences === 0) continue;
    (rows.subarray(start, end).some(Number.isNaN) ? nan : infinite).push(row);
    if (kept === rows) kept = rows.slice();
    kept.fill(0, start, end);
  }
  return { rows: kept, nan, infinite };
}

function refuseBroken(rows: FloatArray, count: number, dim: number, place: (row: number) => number): void {
  let numbers = 0;
  let first = -1;
  for (let n = 0; n < rows.length; n++) {
    if (Number.isFinite(rows[n])) continue;
    if (numbers++ === 0) first = n;
  }
  if (numbers === 0) return;
  throw nonFinite(numbers, count * dim, rows[first]!, place(Math.floor(first / dim)), first % dim);
}
