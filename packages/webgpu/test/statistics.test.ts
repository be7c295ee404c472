/** The pass over all pairs where the conformance suite doesn't go: several bands, crowds that no list has room for, many bins, every tile. */
import {
  type PairSpec,
  type PairStatistics,
  randomStream,
  referenceBackend,
  type StatisticsRequest,
} from "@comhe/core";
import { afterAll, describe, expect, it } from "vitest";
import { Engine } from "../src/device/engine.js";
import { openDevice } from "../src/device/open-device.js";
import { blockings } from "../src/pairs/blockings.js";
import { directions } from "../src/pairs/directions.js";
import { SimilarList } from "../src/pairs/similar-list.js";
import { statistics } from "../src/pairs/statistics.js";
import { noGpu } from "./support/node-gpu.js";

const dim = 6;
const separationFloor = 0.01;
const energies: readonly PairSpec[] = [
  { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor },
  { potential: { kind: "riesz", s: 1, distance: "angular" }, space: "full", separationFloor },
];

/** Rows of which the last `crowd` are the first one, or its opposite. */
function rows(count: number, crowd: number): Float32Array {
  const data = randomStream(3, "statistics", 0).fillNormal(new Float32Array(count * dim));
  for (let row = count - crowd; row < count; row++) {
    for (let k = 0; k < dim; k++) data[row * dim + k] = (row % 3 === 0 ? -2 : 1) * data[k]!;
  }
  return data;
}

async function expected(data: Float32Array, request: StatisticsRequest): Promise<PairStatistics> {
  const on = referenceBackend();
  const count = data.length / dim;
  const of = on.directions(on.upload(Float64Array.from(data), [1, count, dim]), 0);
  return (await on.statistics!(of, request))[0]!;
}

function expectAlike(actual: PairStatistics, wanted: PairStatistics): void {
  const relative = (of: Float64Array) => Array.from(of, (value, n) => value / wanted.energySums[n]!);
  for (const ratio of relative(actual.energySums)) expect(Math.abs(ratio - 1)).toBeLessThan(1e-5);
  const largest = Math.max(...wanted.shares);
  wanted.shares.forEach((share, row) => {
    expect(Math.abs(actual.shares[row]! - share) / largest).toBeLessThan(1e-5);
  });
  expect(actual.angles.reduce((sum, value) => sum + value, 0)).toBe((wanted.count * (wanted.count - 1)) / 2);
  // A float32 cosine may be on the other side of an edge that it is within rounding of.
  const moved = wanted.angles.reduce((sum, value, bin) => sum + Math.abs(value - actual.angles[bin]!), 0);
  expect(moved).toBeLessThanOrEqual(4);
  expect(actual.pairsWithin).toBe(wanted.pairsWithin);
  expect(actual.rowsWithin).toBe(wanted.rowsWithin);
  expect(actual.nearestRows).toEqual(wanted.nearestRows);
  expect(actual.similar.map(({ i, j }) => [i, j])).toEqual(wanted.similar.map(({ i, j }) => [i, j]));
}

const request: StatisticsRequest = {
  energies,
  shareOf: 1,
  angleBins: 90,
  nearest: "half",
  similar: { limit: 20, space: "half" },
  within: { chord: 0.02, space: "half" },
};

describe.skipIf(noGpu !== undefined)("statistics", () => {
  let engine: Engine | undefined;
  const take = async (data: Float32Array, asked: StatisticsRequest, panelBytes = 2 ** 26) => {
    engine ??= new Engine({ device: await openDevice(), ownsDevice: true });
    const on = engine;
    const of = on.scope(() => directions(on, on.upload(data, [1, data.length / dim, dim]), 0));
    const [found] = await statistics(on, of, asked, panelBytes);
    on.free(of.unit);
    on.free(of.inverseNorm);
    expect(on.memory().arrays).toBe(0);
    return found!;
  };
  afterAll(() => engine?.dispose());

  it("are those of the reference backend, in one band or a tile at a time, whatever is left in memory", async () => {
    const data = rows(300, 10);
    const wanted = await expected(data, request);
    let ticks = 0;
    const once = await take(data, { ...request, tick: () => void ticks++ });
    expectAlike(once, wanted);
    expect(ticks).toBe(1);
    const shares: number[] = [];
    const inBands = await take(data, { ...request, tick: (share) => void shares.push(share) }, 1);
    expectAlike(inBands, wanted);
    expect(shares.length).toBe(Math.ceil(300 / 64));
    expect(shares.at(-1)).toBe(1);
    expect(inBands.nearestCosines).toEqual(once.nearestCosines);
  });

  it("find the first of more equal pairs than a list has room for", async () => {
    const data = rows(230, 220);
    const asked = { similar: { limit: 3, space: "half" }, within: { chord: 0, space: "half" } } as const;
    const found = await take(data, asked);
    expect(found.pairsWithin).toBe((221 * 220) / 2);
    expect(found.pairsWithin).toBeGreaterThan(new SimilarList(3).room);
    expect(found.similar.map(({ i, j }) => [i, j])).toEqual(
      (await expected(data, asked)).similar.map(({ i, j }) => [i, j]),
    );
    expect(found.similar.every(({ cosine }) => Math.abs(cosine) === 1)).toBe(true);
  });

  it("count thousands of bins", async () => {
    const data = rows(100, 0);
    const { angles } = await take(data, { angleBins: 4096 });
    const wanted = (await expected(data, { angleBins: 4096 })).angles;
    expect(angles.reduce((sum, value) => sum + value, 0)).toBe((100 * 99) / 2);
    const moved = wanted.reduce((sum, value, bin) => sum + Math.abs(value - angles[bin]!), 0);
    expect(moved).toBeLessThanOrEqual(20);
  });

  it.each(blockings.slice(0, 2))("in tiles of $side, $per×$per a thread", async (blocking) => {
    const data = rows(150, 4);
    engine ??= new Engine({ device: await openDevice(), ownsDevice: true });
    const on = engine;
    const of = on.scope(() => directions(on, on.upload(data, [1, 150, dim]), 0));
    const [found] = await statistics(on, of, request, 2 ** 26, blocking);
    expectAlike(found!, await expected(data, request));
  });
});

describe("a list of similar pairs", () => {
  it("keeps the first by gap, i and j, and asks again where some found no room", () => {
    const list = new SimilarList(2);
    const numbers = (...pairs: number[][]) => Uint32Array.from(pairs.flat());
    expect(list.take(numbers([5, 0, 1], [3, 0, 2], [3, 0, 1]), 3)).toBe(true);
    expect([...list.pairs()]).toEqual([0, 1, 0, 2]);
    expect(list.last).toEqual({ gap: 3, i: 0, j: 2 });
    const many = Uint32Array.from({ length: 3 * list.room }, (_, n) => (n % 3 === 0 ? 2 : Math.floor(n / 3) + (n % 3)));
    expect(list.take(many, list.room + 1)).toBe(false);
    expect([...list.pairs()]).toEqual([0, 1, 0, 2]);
    expect(list.last).toEqual({ gap: 2, i: 2, j: 3 });
  });
});
