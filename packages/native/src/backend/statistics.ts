/**
 * Statistics of pairs by one kernel, cut into jobs of some tenths of a second, between which callers may look on or stop. What is collected
 * stays on the kernels' side until the end.
 */
import type { PairStatistics, SimilarPair, StatisticsRequest } from "@comhe/core";
import { angleEdges } from "@comhe/core/pair-functions";
import type { StatisticsPass } from "../load-binding.js";
import { sizes } from "./arrays.js";
import type { Context } from "./context.js";
import type { NativeDirections } from "./directions.js";
import { pairNumbers } from "./pairwise.js";

/** Energies that one pass takes, and sums that it gives; as in `kernels/statistics-state.h`. */
const [energiesOfPass, sumsOfEntry] = [4, 10];
/** Of one job. */
const flopsAtOnce = 2e10;

export function statistics(
  context: Context,
  directions: NativeDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { energies = [], shareOf = -1 } = request;
  const first: StatisticsRequest = { ...request, energies: energies.slice(0, energiesOfPass) };
  if (energies.length <= energiesOfPass) return onePass(context, directions, first);
  // Further energies of the same cosines, in passes of their own; with the one whose shares are wanted among the first.
  const order = [...energies.keys()].sort((a, b) => Number(b === shareOf) - Number(a === shareOf));
  const passes: Promise<readonly PairStatistics[]>[] = [];
  for (let from = 0; from < order.length; from += energiesOfPass) {
    const some = order.slice(from, from + energiesOfPass).map((n) => energies[n]!);
    const of = from === 0 ? { ...request, shareOf: shareOf < 0 ? undefined : 0 } : { tick: request.tick };
    passes.push(onePass(context, directions, { ...of, energies: some }));
  }
  return Promise.all(passes).then(([whole, ...rest]) =>
    whole!.map((entry, b) => {
      const sums = [entry, ...rest.map((pass) => pass[b]!)].flatMap(({ energySums }) => [...energySums]);
      const energySums = new Float64Array(energies.length);
      order.forEach((n, at) => {
        energySums[n] = sums[at]!;
      });
      return { ...entry, energySums };
    }),
  );
}

async function onePass(
  context: Context,
  directions: NativeDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { rows, inverses, isScaled } = directions.asTheyAre();
  const { tick } = request;
  const pass = openPass(context, [...sizes(rows), directions.normEpsilon], request);
  const atOnce = Math.max(1, Math.floor(flopsAtOnce / pass.taskFlops));
  try {
    for (let task = 0; task < pass.tasks; task += atOnce) {
      const lastTask = Math.min(pass.tasks, task + atOnce);
      context.run("statisticsStep", [task, lastTask, Number(isScaled)], rows.data, inverses, pass);
      await tick?.(lastTask / pass.tasks);
    }
    return read(context, sizes(rows), request, pass);
  } finally {
    context.closeStatistics(pass);
  }
}

const spaces = { full: 1, half: 2 } as const;

/** @param set batch, rows, columns, ε */
function openPass(context: Context, set: readonly number[], request: StatisticsRequest): StatisticsPass {
  const { energies = [], shareOf = -1, about, angleBins = 0, nearest, similar, within } = request;
  const pairs = energies.flatMap(pairNumbers);
  const edges = angleBins > 0 ? angleEdges(angleBins) : undefined;
  return context.openStatistics(
    [
      ...set,
      context.threads(),
      energies.length,
      ...pairs,
      ...new Array(5 * energiesOfPass - pairs.length).fill(0),
      shareOf,
      angleBins,
      nearest ? spaces[nearest] : 0,
      similar ? spaces[similar.space] : 0,
      similar?.limit ?? 0,
      within ? within.chord ** 2 : -1,
      Number(within?.space === "half"),
      Number(about !== undefined),
    ],
    edges && Float32Array.from(edges, roundDown),
    ...(about ? [about.own, about.other, about.offset].map((numbers) => Float32Array.from(numbers)) : []),
  );
}

/** The largest float32 that isn't above it: a float32 cosine compares with it as with the edge itself. */
function roundDown(edge: number): number {
  const nearest = Math.fround(edge);
  if (nearest <= edge) return nearest;
  const bits = new Int32Array(Float32Array.of(nearest).buffer);
  // Away from 0 where it is negative, towards it where it is positive.
  bits[0]! += nearest > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
}

function read(
  context: Context,
  [batch, count]: readonly [batch: number, count: number, dim: number],
  { energies = [], shareOf = -1, about, angleBins = 0, nearest, similar }: StatisticsRequest,
  pass: StatisticsPass,
): readonly PairStatistics[] {
  const limit = similar?.limit ?? 0;
  const sums = new Float64Array(batch * sumsOfEntry);
  const shares = new Float64Array(shareOf < 0 ? 0 : batch * count);
  const angles = new Float64Array(batch * angleBins);
  const nearestCosines = new Float64Array(nearest ? batch * count : 0);
  const nearestRows = new Int32Array(nearest ? batch * count : 0);
  const cosines = new Float64Array(batch * limit);
  const rows = new Int32Array(2 * batch * limit);
  const counts = new Int32Array(batch);
  const rowsWithin = new Float64Array(batch);
  const arrays = [sums, shares, angles, nearestCosines, nearestRows, cosines, rows, counts, rowsWithin];
  context.run("statisticsRead", [], ...arrays, pass);
  return Array.from({ length: batch }, (_, entry): PairStatistics => {
    const at = entry * sumsOfEntry;
    const pairs = Array.from({ length: counts[entry]! }, (_, n): SimilarPair => {
      const pair = entry * limit + n;
      return { i: rows[2 * pair]!, j: rows[2 * pair + 1]!, cosine: cosines[pair]! };
    });
    return {
      count,
      energySums: sums.slice(at + 4, at + 4 + energies.length),
      cosineSum: sums[at]!,
      absoluteSum: sums[at + 1]!,
      squareSum: sums[at + 2]!,
      about: about && { absoluteSum: sums[at + 8]!, squareSum: sums[at + 9]! },
      shares: shares.slice(entry * count, (entry + 1) * count),
      angles: angles.slice(entry * angleBins, (entry + 1) * angleBins),
      nearestRows: nearestRows.slice(entry * count, (entry + 1) * count),
      nearestCosines: nearestCosines.slice(entry * count, (entry + 1) * count),
      similar: pairs,
      pairsWithin: sums[at + 3]!,
      rowsWithin: rowsWithin[entry]!,
    };
  });
}
