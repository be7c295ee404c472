/** Rows of a table by ranges, from wherever they are, with the blocks read last kept within a bound. */

import { randomStream } from "@comhe/core";
import { EnergyError, type FloatArray, neuronAxes } from "@comhe/core/layouts";
import { type LayerSource, readNeurons } from "@comhe/models";
import type { TableSource } from "../plan/schema.js";
import type { ModelShelf } from "./model-shelf.js";

/** Reads rows `from` … `to` − 1, `[to − from, d]`. */
export type ReadRows = (from: number, to: number) => Promise<FloatArray>;

/** @throws EnergyError `invalid-file` where the file isn't the one that was planned for */
export async function openTable(table: TableSource, shelf: ModelShelf): Promise<ReadRows> {
  if (table.kind === "simulated") return async (from, to) => simulatedRows(table, from, to);
  const layer = await shelf.layer(table.model, table.layer, table.layout, table.fingerprint);
  return rowsOf(layer, table.count, table.dim);
}

/** @throws EnergyError `invalid-file` where the layer has another shape */
export function rowsOf(layer: LayerSource, count: number, dim: number): ReadRows {
  const axes = neuronAxes(layer.shape, layer.layout);
  if (axes.count !== count || axes.dim !== dim) {
    throw new EnergyError(
      "invalid-file",
      `${layer.name}: expected ${count}×${dim} as planned, got ${axes.count}×${axes.dim}. The file changed since it was planned: make the plan again.`,
    );
  }
  return (from, to) =>
    readNeurons(
      layer,
      Int32Array.from({ length: to - from }, (_, n) => from + n),
    );
}

/** Draws the rows `from` … `to − 1` of a simulated table, `[to − from, d]`. Row r is the r-th stretch of d numbers of one random stream. */
export function simulatedRows(
  {
    seed,
    dim,
  }: {
    /** A whole number ≥ 0 that fixes the numbers. */
    readonly seed: number;
    /** d: the length of a row. */
    readonly dim: number;
  },
  from: number,
  to: number,
) {
  const stream = randomStream(seed, "simulated table", 0);
  stream.skip(from * dim);
  return stream.fillNormal(new Float32Array((to - from) * dim));
}

/** Keeps what was made last, up to a number of bytes; the piece at hand is kept in any case. */
export class BlockCache<T extends { readonly bytes: number }> {
  readonly #kept = new Map<string, T>();
  #bytes = 0;

  constructor(readonly mostBytes: number) {}

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const made = await make();
    this.#kept.set(key, made);
    this.#bytes += made.bytes;
    for (const [old, { bytes }] of this.#kept) {
      if (this.#bytes <= this.mostBytes || old === key) break;
      this.#kept.delete(old);
      this.#bytes -= bytes;
    }
    return made;
  }
}
