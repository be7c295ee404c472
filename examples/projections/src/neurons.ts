/** Neurons as layers have them after training: some alike, most nearly orthogonal. */
import { type Backend, createEvaluator, type EnergyConfig, randomStream, referenceBackend } from "@comhe/core";

export const [COUNT, DIM] = [48, 192];

export interface Rows {
  readonly data: Float64Array;
  readonly count: number;
  readonly dim: number;
}

/** Eight centres, six neurons about each, at distances from it that grow: angles from 10° to 90° between neurons of a group. */
export function clusteredNeurons(seed = 1): Rows {
  const normal = (name: string, length: number) => randomStream(seed, name, 0).fillNormal(new Float32Array(length));
  const groups = 8;
  const centres = normal("centres", groups * DIM);
  const own = normal("own parts", COUNT * DIM);
  const data = Float64Array.from({ length: COUNT * DIM }, (_, at) => {
    const neuron = Math.floor(at / DIM);
    const group = neuron % groups;
    const spread = 0.15 * 1.9 ** Math.floor(neuron / groups);
    return centres[group * DIM + (at % DIM)]! + spread * own[at]!;
  });
  return { data, count: COUNT, dim: DIM };
}

/** What a strategy hands to the energy after so many steps: the sets of rows, of every matrix. */
export async function projectedRows(config: EnergyConfig, rows: Rows, steps = 1): Promise<Rows[]> {
  const inside = referenceBackend();
  type Handle = Parameters<typeof inside.directions>[0];
  let seen: Handle[] = [];
  const watching: Backend<Handle> = {
    ...inside,
    directions(of, normEpsilon) {
      seen.push(of);
      return inside.directions(of, normEpsilon);
    },
  };
  const evaluator = createEvaluator(watching, config, { seed: 3 });
  for (let step = 0; step < steps; step++) {
    seen = [];
    await evaluator.evaluate({ data: rows.data, shape: [rows.count, rows.dim] });
  }
  // Strategies that compare with the neurons look at these first; a bilateral one looks at mixtures of neurons last.
  const projected = seen.filter(({ shape }) => shape[1] === rows.count).at(-1)!;
  const [batch, count, dim] = projected.shape as [number, number, number];
  return Array.from({ length: batch }, (_, c) => ({
    data: Float64Array.from(projected.data.subarray(c * count * dim, (c + 1) * count * dim)),
    count,
    dim,
  }));
}

/** Between all pairs, in degrees. */
export function angles({ data, count, dim }: Rows): number[] {
  const rows = Array.from({ length: count }, (_, i) => data.subarray(i * dim, (i + 1) * dim));
  const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  const norms = rows.map((row) => Math.sqrt(inner(row, row)));
  return rows.flatMap((row, i) =>
    rows.slice(0, i).map((other, j) => {
      const cosine = inner(row, other) / (norms[i]! * norms[j]!);
      return (180 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine)));
    }),
  );
}
