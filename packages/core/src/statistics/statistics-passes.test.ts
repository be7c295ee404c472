/** A request cut into passes: every energy in one of them, everything else in the first, answers in the order of the request. */
import { expect, test } from "vitest";
import type { PairSpec } from "../backend/pair-spec.js";
import type { PairStatistics } from "../backend/statistics.js";
import { float32AngleEdges } from "./angle-bins.js";
import { statisticsPasses } from "./statistics-passes.js";

const energies = [0, 1, 2, 3, 4].map(
  (s): PairSpec => ({ potential: { kind: "riesz", s, distance: "chordal" }, space: "full", separationFloor: 0.01 }),
);
const parameter = ({ potential }: PairSpec) => (potential as { s: number }).s;
/** What a kernel would answer: of each energy its own parameter. */
const answer = (request: { energies?: readonly PairSpec[] | undefined }, count: number) =>
  ({ count, energySums: Float64Array.from(request.energies!, parameter) }) as PairStatistics;

test.each([
  [1, 5],
  [2, 3],
  [4, 2],
  [5, 1],
  [8, 1],
])("with room for %i of five energies there are %i passes", (room, count) => {
  for (const shareOf of [undefined, 0, 3, 4]) {
    const { passes, join } = statisticsPasses({ energies, shareOf, angleBins: 7, nearest: "full" }, room);
    expect(passes.map((pass) => pass.energies!.length).reduce((sum, length) => sum + length)).toBe(5);
    expect(passes).toHaveLength(count);
    const [first, ...others] = passes;
    expect(first).toMatchObject({ angleBins: 7, nearest: "full" });
    expect(first!.shareOf).toBe(shareOf === undefined ? undefined : 0);
    if (shareOf !== undefined) expect(parameter(first!.energies![0]!)).toBe(shareOf);
    for (const other of others)
      expect([other.shareOf, other.angleBins, other.nearest]).toEqual([undefined, undefined, undefined]);
    const whole = join(passes.map((pass, n) => answer(pass, 100 + n)));
    expect([...whole.energySums]).toEqual([0, 1, 2, 3, 4]);
    expect(whole.count).toBe(100);
  }
});

test("no energies are one pass", () => {
  const { passes, join } = statisticsPasses({ angleBins: 3 }, 4);
  expect(passes).toHaveLength(1);
  expect(join([answer({ energies: [] }, 5)])).toMatchObject({ count: 5, energySums: new Float64Array(0) });
});

test("the passes' ticks count on to 1", () => {
  const seen: number[] = [];
  const { passes } = statisticsPasses({ energies, tick: (share) => void seen.push(share) }, 2);
  for (const { tick } of passes) for (const share of [0.5, 1]) tick!(share);
  expect(seen).toEqual([0.5 / 3, 1 / 3, 1.5 / 3, 2 / 3, 2.5 / 3, 1]);
  expect(statisticsPasses({ energies }, 2).passes[1]!.tick).toBeUndefined();
});

test("edges of angles in float32 are never above those in float64, nor a float32 number below", () => {
  for (const bins of [2, 3, 6, 7, 64, 1000]) {
    const edges = float32AngleEdges(bins);
    expect(edges).toHaveLength(bins - 1);
    edges.forEach((edge, n) => {
      const exact = Math.cos(((n + 1) * Math.PI) / bins);
      expect(edge).toBeLessThanOrEqual(exact + 1e-16);
      expect(exact - edge).toBeLessThan(2 ** -23);
    });
  }
});
