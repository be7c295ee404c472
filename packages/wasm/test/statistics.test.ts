/**
 * Tiles that are swept, whole ones off the diagonal: their histogram to the last pair, and their sums, against plain loops in float64. The
 * conformance suite's tables are too small to have more than a few of them.
 */
import { angleEdges, pairStatistics, randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { binsOfCells } from "../src/backend/angle-cells.js";
import { createBackend } from "../src/wasm-backend.js";
import { testedBuilds } from "./support/builds.js";

const square = (space: "full" | "half", separationFloor = 0.01) =>
  ({ potential: { kind: "riesz", s: 2, distance: "chordal" }, space, separationFloor }) as const;

/** c of every pair, in float64. */
function cosinesOf(data: Float32Array, dim: number): Float64Array {
  const count = data.length / dim;
  const norms = Float64Array.from({ length: count }, (_, i) => Math.hypot(...data.subarray(i * dim, (i + 1) * dim)));
  const cosines: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      let product = 0;
      for (let k = 0; k < dim; k++) product += data[i * dim + k]! * data[j * dim + k]!;
      cosines.push(product / (norms[i]! * norms[j]!));
    }
  }
  return Float64Array.from(cosines);
}

/** How many of the edges, which descend, are ≥ c. */
function binOf(edges: Float64Array, c: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! >= c) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countAngles(cosines: Float64Array, bins: number): number[] {
  const edges = angleEdges(bins);
  const counts = new Array<number>(bins).fill(0);
  for (const c of cosines) counts[binOf(edges, c)]!++;
  return counts;
}

/** Rows of ±1 and 16 numbers: cosines are multiples of 1/8 to the last bit, many of them on the edges at 60°, 90° and 120°. */
const signs = (count: number) =>
  randomStream(7, "signs", 0)
    .fillNormal(new Float32Array(count * 16))
    .map((value) => Math.sign(value));

describe.each(testedBuilds)("%s", (build) => {
  // 488 = 4·120 + 8 rows: whole tiles, and whole panels of a smaller one; of 491 the last columns are no whole panel.
  it.each([488, 491])("every pair of %i rows is in its bin", async (count) => {
    const backend = createBackend({ build, threads: 1 }, "single");
    const data = signs(count);
    const cosines = cosinesOf(data, 16);
    for (const angleBins of [2, 6, 90, 3000]) {
      const { angles } = await pairStatistics(backend, { data, shape: [count, 16] }, { angleBins });
      expect([...angles]).toEqual(countAngles(cosines, angleBins));
    }
    backend.dispose();
  });

  it.each([
    ["with others", [square("half"), { ...square("full"), separationFloor: 0.2 }, square("full")]],
    ["one of them alone", [square("full")]],
  ])("energies of s = 2 on the way, %s", async (_, energies) => {
    const backend = createBackend({ build, threads: 1 }, "single");
    const [count, dim] = [728, 12];
    const data = randomStream(8, "rows", 0).fillNormal(new Float32Array(count * dim));
    // Some tiles have near pairs, and so aren't summed up on the way.
    data.copyWithin(0, 600 * dim, 601 * dim);
    const found = await pairStatistics(backend, { data, shape: [count, dim] }, { energies });
    const expected = await pairStatistics(
      backend,
      { data: Float64Array.from(data), shape: [count, dim] },
      { energies },
    );
    found.energies.forEach((energy, n) => {
      expect(Math.abs(energy / expected.energies[n]! - 1)).toBeLessThan(2e-7);
    });
    expect(found.meanCosine).toBeCloseTo(expected.meanCosine, 8);
    expect(found.meanAbsoluteCosine).toBeCloseTo(expected.meanAbsoluteCosine, 8);
    expect(found.effectiveRank / expected.effectiveRank).toBeCloseTo(1, 7);
    backend.dispose();
  });

  it("what a row's share is wanted of is the sum of the shares, with the others as ever", async () => {
    const backend = createBackend({ build, threads: 1 }, "single");
    const data = randomStream(9, "rows", 0).fillNormal(new Float32Array(488 * 8));
    const energies = [square("full"), square("half")];
    const take = (shareOf?: number) => pairStatistics(backend, { data, shape: [488, 8] }, { energies, shareOf });
    const [plain, shared] = [await take(), await take(1)];
    energies.forEach((_, n) => {
      expect(Math.abs(shared.energies[n]! / plain.energies[n]! - 1)).toBeLessThan(2e-7);
    });
    const sum = shared.shares.reduce((total, share) => total + share, 0);
    expect(sum / shared.energies[1]!).toBeCloseTo(1, 6);
    backend.dispose();
  });
});

it("a cell is of one bin, or says where comparing begins", () => {
  for (const bins of [1, 6, 90, 4096]) {
    const edges = angleEdges(bins);
    const cells = binsOfCells(edges);
    const wrong = Array.from({ length: 4096 }, (_, n) => n).filter((n) => {
      const [low, high] = [binOf(edges, n / 2048 - 1), binOf(edges, (n + 1) / 2048 - 1)];
      const bin = cells[64 + n]!;
      return bin >= 0 ? low !== bin || high !== bin : ~bin > high;
    });
    expect(wrong).toEqual([]);
    expect(cells[0]).toBe(bins - 1);
    expect(cells.at(-1)).toBe(0);
  }
});
