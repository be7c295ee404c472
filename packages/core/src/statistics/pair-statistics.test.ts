/** Statistics of a table against plain loops, by the reference backend's own pass and by products of blocks. */
import { describe, expect, test } from "vitest";
import { energyAndGradient } from "../evaluate/evaluator.js";
import { randomStream } from "../random/random-stream.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { angleEdges } from "./angle-bins.js";
import { pairStatistics } from "./pair-statistics.js";
import type { TableRequest } from "./table-request.js";

const own = referenceBackend();
const { statistics: _, ...composed } = own;
const backends = { "a pass of its own": own, "products of blocks": composed };

const inverseSquare = { kind: "riesz", s: 2, distance: "chordal" } as const;
const full = { potential: inverseSquare, space: "full", separationFloor: 0.01 } as const;
const half = { ...full, space: "half" } as const;
const angular = {
  potential: { kind: "riesz", s: 1, distance: "angular" },
  space: "half",
  separationFloor: 0.01,
} as const;

function table(count: number, dim: number, zeros: readonly number[] = []) {
  const data = Float64Array.from(randomStream(3, "table", 0).fillNormal(new Float32Array(count * dim)));
  for (const row of zeros) data.fill(0, row * dim, (row + 1) * dim);
  return { data, shape: [count, dim] };
}

/** x_iᵀx_j of living rows, and which they are. */
function cosinesOf({ data, shape }: ReturnType<typeof table>) {
  const [count, dim] = shape as [number, number];
  const rows = Array.from({ length: count }, (_, i) => data.subarray(i * dim, (i + 1) * dim));
  const norms = rows.map((row) => Math.hypot(...row));
  const living = [...rows.keys()].filter((i) => norms[i]! > 0);
  const cosine = (i: number, j: number) =>
    rows[i]!.reduce((sum, value, k) => sum + value * rows[j]![k]!, 0) / norms[i]! / norms[j]!;
  return { living, cosine };
}

const request: TableRequest = {
  energies: [full, half, angular],
  shareOf: 1,
  angleBins: 90,
  nearest: "half",
  similar: { limit: 5, space: "half" },
  within: { chord: 0.9, space: "half" },
};

describe.each(Object.entries(backends))("pairStatistics by %s", (_name, backend) => {
  test.each([
    ["of 1 row", 1, 4, []],
    ["of 2 rows", 2, 1, []],
    ["of 97 rows", 97, 7, []],
    ["with zero rows", 60, 5, [0, 3, 59]],
    ["of nothing but zero rows", 4, 3, [0, 1, 2, 3]],
  ])("%s", async (_, count, dim, zeros) => {
    const weights = table(count, dim, zeros);
    const { living, cosine } = cosinesOf(weights);
    const found = await pairStatistics(backend, weights, request);

    for (const [n, pair] of request.energies!.entries()) {
      const { energy } = await energyAndGradient(own, pair, weights);
      expect(found.energies[n]).toBeCloseTo(energy, 10);
    }
    expect(found.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(found.energies[1]!, 10);
    expect(found).toMatchObject({ count, living: living.length });

    const pairs = living.flatMap((i, n) => living.slice(n + 1).map((j) => ({ i, j, cosine: cosine(i, j) })));
    const sum = (of: (c: number) => number) => pairs.reduce((total, pair) => total + of(pair.cosine), 0);
    expect(found.meanCosine).toBeCloseTo(pairs.length === 0 ? 0 : sum((c) => c) / pairs.length, 12);
    expect(found.meanAbsoluteCosine).toBeCloseTo(pairs.length === 0 ? 0 : sum(Math.abs) / pairs.length, 12);
    const rank = living.length === 0 ? 0 : living.length ** 2 / (living.length + 2 * sum((c) => c * c));
    expect(found.effectiveRank).toBeCloseTo(rank, 9);

    const angles = new Float64Array(90);
    for (const pair of pairs) angles[Math.min(89, Math.floor((Math.acos(pair.cosine) / Math.PI) * 90))]!++;
    expect(found.angles).toEqual(angles);

    const best = pairs.sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine)).slice(0, 5);
    expect(found.similar.map(({ i, j }) => [i, j])).toEqual(best.map(({ i, j }) => [i, j]));
    for (const i of Array(count).keys()) {
      const nearest = pairs.find((pair) => pair.i === i || pair.j === i);
      expect(found.nearestRows[i]).toBe(nearest ? nearest.i + nearest.j - i : -1);
      expect(found.nearestCosines[i]).toBeCloseTo(nearest?.cosine ?? 0, 12);
    }
    const within = pairs.filter((pair) => 2 - 2 * Math.abs(pair.cosine) <= 0.81);
    expect(found.pairsWithin).toBe(within.length);
    expect(found.rowsWithin).toBe(new Set(within.map(({ j }) => j)).size);
  });

  test("takes near pairs from differences, and says with which sign", async () => {
    const data = Float64Array.of(1, 0, 1, 1e-7, -1, 2e-7);
    const found = await pairStatistics(
      backend,
      { data, shape: [3, 2] },
      { ...request, within: { chord: 1e-6, space: "full" } },
    );
    expect(found.similar.map(({ i, j, cosine }) => [i, j, Math.sign(cosine)])).toEqual([
      [0, 1, 1],
      [0, 2, -1],
      [1, 2, -1],
    ]);
    expect(1 - found.similar[0]!.cosine).toBeCloseTo(5e-15, 16);
    expect([found.pairsWithin, found.rowsWithin]).toEqual([1, 1]);
  });

  test("puts angles on an edge into the bin above it, and equals in the order of their rows", async () => {
    // 0°, 60°, 90°, 120° and 180°, exactly.
    const data = Float64Array.of(
      1,
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      1,
      0,
      0,
      0,
      -1,
      0,
      0,
      0,
      0.5,
      0.5,
      0.5,
      0.5,
      -0.5,
      0.5,
      0.5,
      0.5,
    );
    const { angles, similar } = await pairStatistics(backend, { data, shape: [6, 4] }, { ...request, angleBins: 6 });
    // 0° once; 60° of the last two rows with four others, and of each other; 90° and 120° three times; 180° twice.
    expect([...angles]).toEqual([1, 0, 6, 3, 3, 2]);
    expect(similar.map(({ i, j }) => [i, j])).toEqual([
      [0, 2],
      [0, 3],
      [2, 3],
      [0, 4],
      [0, 5],
    ]);
  });

  test("with ε > 0, where rows are shorter than 1", async () => {
    const weights = table(40, 6, [7]);
    const found = await pairStatistics(backend, weights, { energies: [full, half], normEpsilon: 0.5 });
    for (const [n, pair] of [full, half].entries()) {
      const { energy } = await energyAndGradient(own, { ...pair, normEpsilon: 0.5 }, weights);
      expect(found.energies[n]).toBeCloseTo(energy, 10);
    }
  });

  test("ends where tick throws, and names coincident rows without a floor", async () => {
    const stop = new Error("stop");
    const tick = () => {
      throw stop;
    };
    await expect(pairStatistics(backend, table(5000, 2), { tick })).rejects.toBe(stop);
    const data = Float64Array.of(0, 0, 1, 2, 3, 1, 2, 4);
    const bare = { energies: [{ ...full, separationFloor: 0 }] };
    await expect(pairStatistics(backend, { data, shape: [4, 2] }, bare)).rejects.toMatchObject({
      code: "coincident-neurons",
    });
  });
});

test("edges are cosines in descending order, those of 60°, 90° and 120° exactly", () => {
  expect([...angleEdges(6)].filter((_, n) => n > 0 && n < 4)).toEqual([0.5, 0, -0.5]);
  expect(angleEdges(1)).toHaveLength(0);
  const many = angleEdges(4096);
  for (let n = 1; n < many.length; n++) expect(many[n]!).toBeLessThan(many[n - 1]!);
});

test.each([
  [{ energies: [full], shareOf: 1 }, "shareOf"],
  [{ angleBins: 0 }, "angleBins"],
  [{ similar: { limit: 0, space: "full" } }, "similar.limit"],
  [{ within: { chord: 3, space: "full" } }, "within.chord"],
  [{ nearest: "both" }, "nearest"],
  [{ energies: [{ ...full, space: "quarter" }] }, "energies[0].space"],
  [{ normEpsilon: -1 }, "normEpsilon"],
])("refuses %o", async (wrong, path) => {
  await expect(pairStatistics(own, table(3, 3), wrong as TableRequest)).rejects.toMatchObject({
    code: "invalid-config",
    details: { path },
  });
});
