/**
 * ΔW = s·B·A of two thin matrices, computed for those rows that are asked for, and W + ΔW where W is given. Neither the
 * product nor W is ever held as a whole by what is here.
 */
import { sizeOf } from "../../layer-source.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";

export interface LowRankProduct {
  readonly name: string;
  /** The shape of W. Where it has more than two axes, the first is that of B, and the rest are those of A. */
  readonly shape: readonly number[];
  /** [r, columns] numbers. */
  readonly a: StoredTensor;
  /** [rows, r] numbers. */
  readonly b: StoredTensor;
  readonly rank: number;
  readonly scale: number;
  /** Whether W is stored as (B·A)ᵀ: its rows are A's columns. */
  readonly transposed: boolean;
  /** AdaLoRA's: each of the r products has a factor of its own. */
  readonly factors?: StoredTensor | undefined;
  readonly base?: StoredTensor | undefined;
  /** DoRA's: lengths that B's rows of W + ΔW are given; one for each. Only with a base. */
  readonly magnitudes?: StoredTensor | undefined;
  readonly note: string;
}

/** How many of the product's numbers are computed at once. */
const blockNumbers = 2 ** 22;

export function lowRankTensor(product: LowRankProduct): StoredTensor {
  const { name, shape, a, b, base, note, transposed, magnitudes } = product;
  const columns = sizeOf(shape.slice(1));
  const rows = shape[0]!;
  let lengths: Promise<Float64Array> | undefined;
  /** DoRA's lengths in place of those that rows `first` … of W + ΔW have. */
  const withLengths = async (values: Float64Array, first: number): Promise<Float64Array> => {
    if (magnitudes === undefined) return values;
    const wanted = await magnitudes.read(0, sizeOf(magnitudes.shape));
    if (!transposed) return scaleRows(values, columns, (row) => wanted[first + row]!);
    // B's rows are W's columns there, whose lengths the whole matrix says.
    lengths ??= columnLengths(product, rows, columns);
    const found = await lengths;
    for (let n = 0; n < values.length; n++) values[n]! *= ratio(wanted[n % columns]!, found[n % columns]!);
    return values;
  };
  return {
    name,
    shape,
    dataType: base === undefined ? a.dataType : `${base.dataType} + ${a.dataType}`,
    floating: true,
    inParts: a.inParts && b.inParts && (base?.inParts ?? true),
    note,
    async read(from, count) {
      const result = new Float32Array(count);
      if (count === 0) return result;
      const rowsOf = await openRows(product, columns);
      const end = Math.ceil((from + count) / columns);
      const step = rowsAtOnce(columns);
      for (let first = Math.floor(from / columns); first < end; first += step) {
        const values = await withLengths(await rowsOf(first, Math.min(step, end - first)), first);
        const skip = Math.max(0, from - first * columns);
        const at = first * columns + skip - from;
        result.set(values.subarray(skip, skip + count - at), at);
      }
      return result;
    },
  };
}

const rowsAtOnce = (columns: number): number => Math.max(1, Math.floor(blockNumbers / columns));

/** Reads what serves all rows, once; then s·B·A (+ W), rows `first` … `first + count`. Sums in float64. */
async function openRows(
  { a, b, rank, scale, transposed, base, factors }: LowRankProduct,
  columns: number,
): Promise<(first: number, count: number) => Promise<Float64Array>> {
  const rowsOfA = sizeOf(a.shape) / rank;
  const wholeA = await a.read(0, rank * rowsOfA);
  const wholeB = transposed ? await b.read(0, columns * rank) : undefined;
  const each = factors && (await factors.read(0, rank));
  return async (first, count) => {
    const result = new Float64Array(count * columns);
    if (base !== undefined) result.set(await base.read(first * columns, count * columns));
    // Of left, the rows that are asked for: `left[li·i + lk·k]`; of right, all: `right[rk·k + rj·j]`.
    const left = wholeB === undefined ? await b.read(first * rank, count * rank) : wholeA.subarray(first);
    const [li, lk] = wholeB === undefined ? [rank, 1] : [1, rowsOfA];
    const right = wholeB ?? wholeA;
    const [rk, rj] = wholeB === undefined ? [columns, 1] : [1, rank];
    for (let i = 0; i < count; i++) {
      const row = result.subarray(i * columns, (i + 1) * columns);
      for (let k = 0; k < rank; k++) {
        const factor = scale * (each?.[k] ?? 1) * left[li * i + lk * k]!;
        if (factor === 0) continue;
        for (let j = 0, at = rk * k; j < columns; j++, at += rj) row[j]! += factor * right[at]!;
      }
    }
    return result;
  };
}

function scaleRows(values: Float64Array, columns: number, wanted: (row: number) => number): Float64Array {
  for (let from = 0, row = 0; from < values.length; from += columns, row++) {
    let squares = 0;
    for (let n = from; n < from + columns; n++) squares += values[n]! ** 2;
    const factor = ratio(wanted(row), Math.sqrt(squares));
    for (let n = from; n < from + columns; n++) values[n]! *= factor;
  }
  return values;
}

async function columnLengths(product: LowRankProduct, rows: number, columns: number): Promise<Float64Array> {
  const squares = new Float64Array(columns);
  const rowsOf = await openRows(product, columns);
  const step = rowsAtOnce(columns);
  for (let first = 0; first < rows; first += step) {
    const values = await rowsOf(first, Math.min(step, rows - first));
    for (let n = 0; n < values.length; n++) squares[n % columns]! += values[n]! ** 2;
  }
  return squares.map(Math.sqrt);
}

/** A column of zeros stays one. */
const ratio = (wanted: number, found: number): number => (found === 0 ? 0 : wanted / found);
