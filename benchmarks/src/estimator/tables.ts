/** Seeded tables of the kinds that a sampling estimator must cope with: uniform, clustered, with duplicates. */
import { randomStream } from "@comhe/core";

export const tableKinds = ["uniform", "clustered", "duplicates", "near duplicates"] as const;
export type TableKind = (typeof tableKinds)[number];

/** N×d float32 rows. */
export function makeTable(kind: TableKind, seed: number, count: number, dim: number): Float32Array {
  const stream = randomStream(seed, kind, 0);
  const data = stream.fillNormal(new Float32Array(count * dim));
  const copy = (from: number, to: number, noise: number) => {
    for (let k = 0; k < dim; k++) data[to * dim + k] = data[from * dim + k]! + noise * data[to * dim + k]!;
  };
  if (kind === "clustered") {
    const clusters = 200;
    const centers = stream.fillNormal(new Float32Array(clusters * dim));
    for (let i = 0; i < count; i++) {
      const center = stream.below(clusters);
      for (let k = 0; k < dim; k++) data[i * dim + k] = centers[center * dim + k]! + 0.4 * data[i * dim + k]!;
    }
  }
  // One row in a hundred repeats another, exactly or nearly.
  if (kind === "duplicates" || kind === "near duplicates") {
    for (let n = 0; n < count / 100; n++) {
      copy(stream.below(count), stream.below(count), kind === "duplicates" ? 0 : 0.02 * (1 + stream.below(10)));
    }
  }
  return data;
}
