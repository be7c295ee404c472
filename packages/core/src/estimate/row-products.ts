/**
 * Products of many rows with few vectors, by the backend, some rows at a time: what an estimate does besides pairs (the sides of
 * planes, projections, XᵀX) is this alone, and a backend does it some twenty times as fast as plain JavaScript.
 */
import type { Backend, FloatArray } from "../backend/backend.js";

export interface RowProducts {
  /** x_iᵀv_m for rows from ≤ i < to: `[to − from, vectors]`. */
  withVectors(rows: Rows, from: number, to: number, vectors: FloatArray): Promise<FloatArray>;
  /** Σ x_i x_iᵀ over rows from ≤ i < to: `[dim, dim]`. */
  gram(rows: Rows, from: number, to: number): Promise<FloatArray>;
}

export interface Rows {
  /** `[count, dim]` */
  readonly data: FloatArray;
  readonly count: number;
  readonly dim: number;
}

/** Numbers handed over at once: few enough for any backend's memory, enough to hide what a call costs. */
const numbersAtOnce = 1_000_000;

export function rowProducts<A>(backend: Backend<A>): RowProducts {
  const upload = ({ data, dim }: Rows, from: number, to: number) =>
    backend.upload(data.slice(from * dim, to * dim), [1, to - from, dim], "rows");
  const read = async (product: A) => (await backend.download({ product })).product;
  return {
    withVectors(rows, from, to, vectors) {
      const shape = [1, vectors.length / rows.dim, rows.dim];
      return read(
        backend.scope(() =>
          backend.matmul(upload(rows, from, to), backend.upload(vectors, shape, "vectors"), { transposeB: true }),
        ),
      );
    },
    gram(rows, from, to) {
      return read(
        backend.scope(() => {
          const part = upload(rows, from, to);
          return backend.matmul(part, part, { transposeA: true });
        }),
      );
    },
  };
}

/** Ranges of rows that are handed over at once; `width`: numbers for each row that come back. */
export function* rowRanges({ count, dim }: Rows, width: number): Generator<readonly [from: number, to: number]> {
  const step = Math.max(1, Math.floor(numbersAtOnce / Math.max(dim, width)));
  for (let from = 0; from < count; from += step) yield [from, Math.min(count, from + step)];
}

/** Milliseconds that a number of a row takes for each vector it is multiplied with, by trying; the first try starts the backend. */
export async function productTime(products: RowProducts, rows: Rows): Promise<number> {
  const vectors = Math.min(48, rows.count);
  const some = Math.min(rows.count, Math.max(48, Math.floor(250_000 / rows.dim)));
  const planes = rows.data.slice(0, vectors * rows.dim);
  let fastest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 3; n++) {
    const begin = performance.now();
    await products.withVectors(rows, 0, some, planes);
    fastest = Math.min(fastest, performance.now() - begin);
  }
  return fastest / (some * rows.dim * vectors);
}
