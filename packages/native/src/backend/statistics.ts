/**
 * Statistics of pairs by one kernel, cut into jobs of some tenths of a second, between which callers may look on or stop. What is collected
 * stays on the kernels' side until the end.
 */
import type { PairStatistics, SimilarPair, StatisticsRequest } from "@comhe/core";
import { float32AngleEdges, statisticsPasses } from "@comhe/core/pair-functions";
import type { StatisticsPass } from "../load-binding.js";
import { sizes } from "./arrays.js";
import type { Context } from "./context.js";
import type { NativeDirections } from "./directions.js";
import { pairNumbers } from "./pairwise.js";

/** Energies that one pass takes, and sums that it gives; as in `kernels/statistics-state.h`. */
const [energiesOfPass, sumsOfEntry] = [4, 10];
/** Of one job. */
const flopsAtOnce = 2e10;

export async function statistics(
  context: Context,
  directions: NativeDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { passes, join } = statisticsPasses(request, energiesOfPass);
  // Before the first `await`: whoever called may change the rows then.
  const of = directions.asTheyAre();
  const found: (readonly PairStatistics[])[] = [];
  for (const pass of passes) found.push(await onePass(context, directions.normEpsilon, of, pass));
  return found[0]!.map((_, entry) => join(found.map((each) => each[entry]!)));
}

async function onePass(
  context: Context,
  normEpsilon: number,
  { rows, inverses, isScaled }: ReturnType<NativeDirections["asTheyAre"]>,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { tick } = request;
  const pass = openPass(context, [...sizes(rows), normEpsilon], request);
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
    angleBins > 0 ? float32AngleEdges(angleBins) : undefined,
    ...(about ? [about.own, about.other, about.offset].map((numbers) => Float32Array.from(numbers)) : []),
  );
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
