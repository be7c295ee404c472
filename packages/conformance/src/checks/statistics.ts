/**
 * Statistics of pairs, by the backend's own pass where it has one, else as core collects them from its products: shapes that fill no tile,
 * duplicates, zero rows, signs, ties, edges of the histogram, batches.
 */
import { type Backend, pairStatistics, referenceBackend, type StatisticsRequest, type TableRequest } from "@comhe/core";
import { judge } from "../compare/allowed.js";
import { assert, assertIdentical, assertWithin } from "../compare/assert.js";
import { weightsFor } from "../compare/evaluation.js";
import { uploadRows } from "../compare/operation.js";
import { compareStatistics } from "../compare/statistics.js";
import { crowds } from "../inputs/crowds.js";
import { fewPotentials, inverseAngle, inverseSquare, separationFloor, spaces } from "../inputs/energies.js";
import { normalRows, placed, type Rows, withZeroRows } from "../inputs/rows.js";
import { type Case, type CheckFamily, NotOffered } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

const energies = fewPotentials.flatMap((potential) => spaces.map((space) => ({ potential, space, separationFloor })));

const everything = (space: "full" | "half"): TableRequest => ({
  energies: [inverseSquare, inverseAngle].map((potential) => ({ potential, space, separationFloor })),
  shareOf: 1,
  angleBins: 90,
  nearest: space,
  similar: { limit: 9, space },
  within: { chord: 0.01, space },
});

const many = normalRows(211, 250, 5);

/** Rows beside others, and beside the opposites of others, at chords from 0 to 0.09. */
const twins = placed(
  many,
  Array.from({ length: 60 }, (_, n) => ({
    of: 4 * n + 1,
    from: 4 * n,
    factor: (n % 2 === 0 ? 1 : -1) * 2 ** (n % 5),
    chord: [0, 0.0007, 0.008, 0.013, 0.09][n % 5]!,
  })),
);

const tables: Readonly<Record<string, Rows>> = {
  "one row": normalRows(212, 1, 3),
  "two rows": normalRows(213, 2, 3),
  "rows of one number": normalRows(214, 12, 1),
  "17 rows": normalRows(215, 17, 5),
  "121 rows of 9": normalRows(216, 121, 9),
  "250 rows, some of them twins": twins,
  "250 rows, some of them zeros": withZeroRows(twins, [0, 1, 7, 119, 120, 121, 249]),
  "nothing but zeros": withZeroRows(normalRows(217, 3, 4), [0, 1, 2]),
  "365 rows of 33": normalRows(218, 365, 33),
};

/** Directions whose products are exact: 0°, 60°, 90°, 120° and 180°; rows that are the same, whatever their length. */
const onEdges: Rows = {
  data: Float32Array.from(
    [
      [1, 0, 0, 0],
      [0, 2, 0, 0],
      [4, 0, 0, 0],
      [-1, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5],
      [-1, 1, 1, 1],
    ].flat(),
  ),
  batch: 1,
  count: 6,
  dim: 4,
};

function tableCase(tolerances: Tolerances, name: string, rows: Rows, request: TableRequest): Case {
  return {
    name,
    async run(backend) {
      const found = await pairStatistics(backend, weightsFor(backend, rows), request);
      const linear = tolerances.linear(backend.precision);
      compareStatistics(found, rows, request, linear);
      if (!request.energies) return;
      const expected = await pairStatistics(referenceBackend(), doubled(rows), {
        energies: request.energies,
        shareOf: request.shareOf,
      });
      request.energies.forEach((pair, n) => {
        const judged = judge(tolerances, backend, rows, pair, 0);
        judged.energy([found.energies[n]!], [expected.energies[n]!]);
        // Shares are parts of one energy: the largest says how exact they can be.
        if (n === request.shareOf) judged.energy(found.shares, expected.shares);
      });
    },
  };
}

const doubled = ({ data, count, dim }: Rows) => ({ data: Float64Array.from(data), shape: [count, dim] });

export function statisticsChecks(tolerances: Tolerances): readonly CheckFamily[] {
  return [
    {
      name: "statistics of pairs",
      cases: [
        ...Object.entries(tables).flatMap(([name, rows]) =>
          spaces.map((space) => tableCase(tolerances, `${name}, ${space}`, rows, everything(space))),
        ),
        tableCase(tolerances, "many energies at once", many, { energies, shareOf: energies.length - 2 }),
        tableCase(tolerances, "a wide chord", many, { within: { chord: 0.9, space: "half" } }),
        tableCase(tolerances, "as many similar pairs as there are", tables["17 rows"]!, {
          similar: { limit: 200, space: "full" },
        }),
        ...[1, 2, 7, 1000].map((angleBins) => tableCase(tolerances, `${angleBins} bins`, many, { angleBins })),
        tableCase(tolerances, "nothing asked for", many, {}),
        { name: "edges and ties", run: checkTies },
        { name: "ε > 0", run: (backend) => checkEpsilon(tolerances, backend) },
        { name: "about another point", run: (backend) => checkAbout(tolerances, backend) },
        { name: "twice the same bits", run: checkBits },
        { name: "ends where tick throws", run: checkTick },
      ],
    },
    { name: "statistics of a batch", cases: batchCases(tolerances) },
  ];
}

async function checkTies<A>(backend: Backend<A>): Promise<void> {
  const request: TableRequest = { angleBins: 6, nearest: "half", similar: { limit: 5, space: "half" } };
  const found = await pairStatistics(backend, weightsFor(backend, onEdges), request);
  assertIdentical(found.angles, [1, 0, 6, 3, 3, 2], "bins of 30°, an edge in the bin above it");
  assertIdentical(found.nearestRows, [2, 4, 0, 0, 0, 0], "nearest rows, of equals the first");
  assertIdentical(found.nearestCosines, [1, 0.5, 1, -1, 0.5, -0.5], "their cosines");
  const order = found.similar.flatMap(({ i, j }) => [i, j]);
  assertIdentical(order, [0, 2, 0, 3, 2, 3, 0, 4, 0, 5], "similar pairs, of equals the first");
  const { nearestRows } = await pairStatistics(backend, weightsFor(backend, onEdges), { nearest: "full" });
  assertIdentical(nearestRows, [2, 4, 0, 5, 0, 1], "nearest rows in full space");
}

/** Rows that aren't unit: energies as evaluators have them. */
async function checkEpsilon<A>(tolerances: Tolerances, backend: Backend<A>): Promise<void> {
  const rows = withZeroRows(tables["121 rows of 9"]!, [3]);
  const request: TableRequest = { energies: everything("half").energies, normEpsilon: 0.5 };
  const found = await pairStatistics(backend, weightsFor(backend, rows), request);
  const expected = await pairStatistics(referenceBackend(), doubled(rows), request);
  request.energies!.forEach((pair, n) => {
    judge(tolerances, backend, rows, pair, 0.5).energy([found.energies[n]!], [expected.energies[n]!]);
  });
  const linear = tolerances.linear(backend.precision);
  assertWithin([found.effectiveRank / 121], [expected.effectiveRank / 121], 4 * linear, "effective rank, a row");
  assertWithin([found.meanAbsoluteCosine], [expected.meanAbsoluteCosine], linear, "mean |cosine|");
}

/** Rows that share a direction, one of them the point itself, one of zeros: cosines about their mean against those of rows without it. */
async function checkAbout<A>(tolerances: Tolerances, backend: Backend<A>): Promise<void> {
  const { count, dim, data } = twins;
  const point = Float64Array.from({ length: dim }, (_, k) => 0.5 + 0.1 * k);
  const shifted = Float32Array.from(data, (value, n) => value + point[n % dim]!);
  shifted.set(point, 3 * dim);
  shifted.fill(0, 7 * dim, 8 * dim);
  const rows: Rows = { ...twins, data: shifted };
  // As float32 holds it.
  const origin = shifted.subarray(3 * dim, 4 * dim);
  const left = Float64Array.from(shifted, (value, n) => value - origin[n % dim]!);
  const norms = (of: ArrayLike<number>) =>
    Float64Array.from({ length: count }, (_, i) =>
      Math.hypot(...Array.from({ length: dim }, (_, k) => of[i * dim + k]!)),
    );
  const [before, after] = [norms(shifted), norms(left)];
  const half = origin.reduce((sum, value) => sum + value * value, 0) / 2;
  const about = { own: new Float64Array(count), other: new Float64Array(count), offset: new Float64Array(count) };
  let [absolute, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (after[i] === 0 || before[i] === 0) continue;
    let along = 0;
    for (let k = 0; k < dim; k++) along += shifted[i * dim + k]! * origin[k]!;
    about.own[i] = before[i]! / after[i]!;
    about.other[i] = 1 / after[i]!;
    about.offset[i] = (along - half) / after[i]!;
    for (let j = 0; j < i; j++) {
      if (after[j] === 0 || before[j] === 0) continue;
      let product = 0;
      for (let k = 0; k < dim; k++) product += left[i * dim + k]! * left[j * dim + k]!;
      const cosine = product / (after[i]! * after[j]!);
      absolute += Math.abs(cosine);
      squares += cosine * cosine;
    }
  }
  const { about: found } = await pairStatistics(backend, weightsFor(backend, rows), { about });
  if (!found) throw new NotOffered("cosines about another point, in the same pass");
  const perPair = 2 / (count * (count - 1));
  const largest = about.own.reduce((most, value) => Math.max(most, value), 1);
  const rounding = largest * largest * tolerances.linear(backend.precision);
  assertWithin([found.absoluteSum * perPair], [absolute * perPair], rounding, "mean |cosine| about a point");
  assertWithin([found.squareSum * perPair], [squares * perPair], rounding, "mean cosine² about a point");
  const without = await pairStatistics(backend, weightsFor(backend, rows), {});
  assert(without.about === undefined, "gives sums that nobody asked for");
}

async function checkBits<A>(backend: Backend<A>): Promise<void> {
  const take = () => pairStatistics(backend, weightsFor(backend, twins), everything("half"));
  const [first, second] = [await take(), await take()];
  assertIdentical(second.energies, first.energies, "energies");
  assertIdentical(second.shares, first.shares, "shares");
  assertIdentical(second.angles, first.angles, "angles");
  assertIdentical(second.nearestRows, first.nearestRows, "nearest rows");
  const sums = (of: typeof first) => [of.meanCosine, of.meanAbsoluteCosine, of.effectiveRank];
  assertIdentical(sums(second), sums(first), "sums");
}

/** Rows enough for a pass to be looked at on its way. */
async function checkTick<A>(backend: Backend<A>): Promise<void> {
  const stop = new Error("stop");
  let ticks = 0;
  const tick = () => {
    ticks++;
    throw stop;
  };
  const thrown = await pairStatistics(backend, weightsFor(backend, normalRows(219, 4100, 2)), { tick }).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert(thrown === stop && ticks === 1, `got ${thrown} after ${ticks} calls of tick`);
  // And goes on as before.
  await checkTies(backend);
}

function batchCases(tolerances: Tolerances): readonly Case[] {
  const request: StatisticsRequest = { ...everything("half"), angleBins: 36 };
  return [0, 0.5].flatMap((normEpsilon) =>
    Object.entries(crowds).map(([closeness, rows]) => ({
      name: `${closeness}, ε = ${normEpsilon}`,
      async run<A>(backend: Backend<A>) {
        if (!backend.statistics) throw new NotOffered("statistics of its own: core composes them");
        const take = async <B>(on: Backend<B>) =>
          on.scope(() => on.statistics!(on.directions(uploadRows(on, rows), normEpsilon), request));
        const [actual, expected] = [await take(backend), await take(referenceBackend())];
        assert(actual.length === rows.batch, `got ${actual.length} entries, expected ${rows.batch}`);
        const linear = tolerances.linear(backend.precision);
        expected.forEach((wanted, b) => {
          const got = actual[b]!;
          const sums = (of: typeof got) => [of.cosineSum, of.absoluteSum, of.squareSum];
          assertWithin(sums(got), sums(wanted), 20 * linear, `entry ${b}: sums`);
          assertIdentical(got.nearestRows, wanted.nearestRows, `entry ${b}: nearest rows`);
          assertWithin(got.nearestCosines, wanted.nearestCosines, linear, `entry ${b}: their cosines`);
          assertIdentical(
            [got.pairsWithin, got.rowsWithin],
            [wanted.pairsWithin, wanted.rowsWithin],
            `entry ${b}: within`,
          );
          request.energies!.forEach((pair, n) => {
            // Means over the entry's pairs, as large as energies are.
            const mean = ({ energySums }: typeof got) => energySums[n]! / ((rows.count * (rows.count - 1)) / 2);
            judge(tolerances, backend, rows, pair, normEpsilon).energy([mean(got)], [mean(wanted)]);
          });
        });
      },
    })),
  );
}
