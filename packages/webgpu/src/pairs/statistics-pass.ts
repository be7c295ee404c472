/**
 * One pass over the pairs of an entry, in bands: some rows of tiles with all columns from the first of them on. Behind each band its sums, counts and rows are
 * read and added up on the host, in float64 and whole numbers, and callers may look on or stop. Where bands end doesn't depend on how fast the
 * device is, so that bits repeat.
 */
import type { CosinesAbout, PairStatistics, SimilarPair, StatisticsRequest } from "@comhe/core";
import { float32AngleEdges } from "@comhe/core/pair-functions";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Blocking } from "../kernels/blocking.js";
import {
  type Collected,
  counts,
  mostLocalBins,
  numbersOfPair,
  partNames,
  sumNames,
} from "../kernels/statistics-layout.js";
import { mergePartsKernel } from "../kernels/statistics-rows.js";
import { statisticsTileKernel } from "../kernels/statistics-tile.js";
import { chosenCosines } from "./chosen-cosines.js";
import type { DeviceDirections } from "./directions.js";
import { SimilarList, sortSimilar } from "./similar-list.js";
import { StatisticsTotals } from "./statistics-totals.js";
import { type Table, tableOf } from "./table.js";

/** Operations of a band, about: a second of a GPU in software, some milliseconds of others. */
const workOfBand = 2 ** 36;

interface Band {
  /** The first tile, of rows and of columns alike, and how many there are each way. */
  readonly first: number;
  readonly height: number;
  readonly across: number;
}

/** One pass over the pairs of one entry. */
export class StatisticsPass {
  private readonly count: number;

  constructor(
    private readonly engine: Engine,
    private readonly directions: DeviceDirections,
    private readonly request: StatisticsRequest,
    private readonly entry: number,
    private readonly panelBytes: number,
    private readonly blocking?: Blocking,
  ) {
    this.count = directions.unit.shape[1]!;
  }

  async run(): Promise<PairStatistics> {
    const { engine, count } = this;
    const made: DeviceArray[] = [];
    const keep = (array: DeviceArray) => {
      made.push(array);
      return array;
    };
    const table = engine.scope(() => {
      const padded = tableOf(engine, this.directions.unit, this.blocking);
      return { ...padded, x: keep(padded.x === this.directions.unit ? engine.hold(padded.x) : padded.x) };
    });
    try {
      const collected = this.collectedBy(table);
      const totals = new StatisticsTotals(count, collected, this.request);
      const similar = new SimilarList(Math.min(this.request.similar?.limit ?? 0, (count * (count - 1)) / 2));
      const { angleBins = 0, about, tick } = this.request;
      const inputs: Record<string, DeviceArray> = {
        x: table.x,
        inverse: this.directions.inverseNorm,
        ...(about ? { about: keep(engine.upload(packed(about), [about.own.length, 4])) } : {}),
        ...(angleBins > 0 ? { edges: keep(engine.upload(edgesOrOne(angleBins), [Math.max(1, angleBins - 1)])) } : {}),
      };
      const bands = count > 1 ? this.bandsOf(table, collected) : [];
      // A tile says already what pairs come before: else all of the first band would.
      if (bands.length > 0 && similar.room > 0)
        await this.list(table, inputs, collected, { first: 0, height: 1, across: 1 }, similar, true);
      let done = 0;
      for (const band of bands) {
        await this.take(table, inputs, collected, band, totals, similar);
        done += band.height * (2 * band.across - band.height);
        await tick?.(Math.min(1, done / (table.rows / table.blocking.side) ** 2));
      }
      return await this.finish(table, totals, similar);
    } finally {
      for (const array of made) engine.free(array);
    }
  }

  private collectedBy({ blocking }: Table): Collected {
    const { energies = [], shareOf, about, angleBins = 0, nearest, similar, within } = this.request;
    return {
      blocking,
      unitRows: this.directions.normEpsilon === 0,
      energies,
      shareOf,
      about: about !== undefined,
      angles: angleBins > 0,
      fewBins: angleBins <= mostLocalBins,
      nearest,
      similar: similar?.space,
      within: within?.space,
    };
  }

  private bandsOf({ blocking: { side }, rows, quads }: Table, collected: Collected): Band[] {
    const tiles = rows / side;
    const bands: Band[] = [];
    const perTile = 4 * (sumNames(collected).length + 2 * side * partNames(collected).length);
    const memory = Math.min(this.panelBytes, this.engine.largestArray);
    for (let first = 0; first < tiles; ) {
      const across = tiles - first;
      const byWork = workOfBand / (2 * side * side * 4 * quads * across);
      const byMemory = memory / (perTile * across);
      // Counts of a band are 32 bits wide.
      const byCounts = 2 ** 31 / (side * side * across);
      const height = Math.max(1, Math.min(across, Math.floor(Math.min(byWork, byMemory, byCounts))));
      bands.push({ first, height, across });
      first += height;
    }
    return bands;
  }

  /** Runs the kernel over a band and reads what it found. */
  private async read(
    table: Table,
    inputs: Readonly<Record<string, DeviceArray>>,
    collected: Collected,
    { first, height, across }: Band,
    similar: SimilarList,
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const { engine, entry, count, request } = this;
    const { blocking, rows, quads } = table;
    const { side } = blocking;
    const { angleBins = 0, within } = request;
    const bins = collected.angles ? angleBins : 0;
    const parts = partNames(collected);
    const slots = across * height;
    const work = 2 * side * side * 4 * quads * slots;
    const found = engine.scope(() => {
      const arrays: Record<string, DeviceArray> = { sums: engine.make([sumNames(collected).length, slots]) };
      if (collected.angles || collected.similar || collected.within) {
        const size = counts.size(bins, collected.within ? count : 0);
        arrays.counts = engine.write(new Uint32Array(size), [size]);
      }
      if (collected.similar) arrays.list = engine.make([numbersOfPair * similar.room]);
      if (parts.length > 0) arrays.parts = engine.make([parts.length, 2 * slots * side]);
      engine.run(statisticsTileKernel(collected), {
        arrays: { ...inputs, ...arrays },
        parameters: {
          count,
          quads,
          first_quad: entry * rows * quads,
          first_row: entry * count,
          first_tile: first,
          across,
          height,
          bins,
          room: similar.room,
          last_gap: similar.last.gap,
          last_i: similar.last.i,
          last_j: similar.last.j,
          within_gap: within ? within.chord ** 2 / 2 : 0,
          root: Math.sqrt(this.directions.normEpsilon),
        },
        groups: [across, height, 1],
        work,
      });
      const { parts: ofTiles, ...read } = arrays;
      if (!ofTiles) return read;
      const left = count - first * side;
      const merged = engine.make([parts.length, left]);
      engine.run(mergePartsKernel(collected), {
        arrays: { parts: ofTiles, merged },
        parameters: { rows: left, across, height, section: 2 * slots * side },
        groups: [Math.ceil(left / 64), 1, 1],
        work: 8 * parts.length * slots * side,
      });
      return { ...read, merged };
    });
    return (await engine.download(found)) as Record<string, Float32Array>;
  }

  private async take(
    table: Table,
    inputs: Readonly<Record<string, DeviceArray>>,
    collected: Collected,
    band: Band,
    totals: StatisticsTotals,
    similar: SimilarList,
  ): Promise<void> {
    const found = await this.read(table, inputs, collected, band, similar);
    totals.addSums(found.sums!);
    if (found.counts) totals.addCounts(bitsOf(found.counts));
    if (found.merged) totals.addRows(bitsOf(found.merged), band.first * table.blocking.side);
    if (found.list && !similar.take(bitsOf(found.list), bitsOf(found.counts!)[counts.listed]!)) {
      await this.list(table, inputs, collected, band, similar, false);
    }
  }

  /** Lists the similar pairs of a band and nothing else, until all find room; or once, for what it says of the last. */
  private async list(
    table: Table,
    inputs: Readonly<Record<string, DeviceArray>>,
    { blocking, unitRows, similar: space }: Collected,
    band: Band,
    similar: SimilarList,
    once: boolean,
  ): Promise<void> {
    const alone: Collected = {
      ...{ blocking, unitRows, similar: space },
      ...{ energies: [], about: false, angles: false, fewBins: true },
    };
    for (let fits = false; !fits; ) {
      const { list, counts: met } = await this.read(table, inputs, alone, band, similar);
      fits = once
        ? similar.look(bitsOf(list!), bitsOf(met!)[counts.listed]!)
        : similar.take(bitsOf(list!), bitsOf(met!)[counts.listed]!);
    }
  }

  private async finish(table: Table, totals: StatisticsTotals, similar: SimilarList): Promise<PairStatistics> {
    const result = totals.result();
    const rows = [...result.nearestRows.keys()].filter((row) => result.nearestRows[row]! >= 0);
    const ofNearest = Uint32Array.from(rows.flatMap((row) => [row, result.nearestRows[row]!]));
    const ofSimilar = similar.pairs();
    const cosines = (pairs: Uint32Array) => chosenCosines(this.engine, this.directions, table, this.entry, pairs);
    const [nearest, alike] = [await cosines(ofNearest), await cosines(ofSimilar)];
    const nearestCosines = new Float64Array(result.nearestRows.length);
    rows.forEach((row, n) => {
      nearestCosines[row] = nearest[n]!;
    });
    const pairs = Array.from(alike, (cosine, n): SimilarPair => {
      return { i: ofSimilar[2 * n]!, j: ofSimilar[2 * n + 1]!, cosine };
    });
    return { ...result, nearestCosines, similar: sortSimilar(pairs, this.request.similar?.space === "half") };
  }
}

/** Four numbers a row: p, q, b. */
function packed({ own, other, offset }: CosinesAbout): Float32Array {
  const result = new Float32Array(4 * own.length);
  for (let row = 0; row < own.length; row++) result.set([own[row]!, other[row]!, offset[row]!], 4 * row);
  return result;
}

/** Of one bin, which has no edges, a number that nobody looks at. */
const edgesOrOne = (bins: number) => (bins > 1 ? float32AngleEdges(bins) : new Float32Array(1));

const bitsOf = (numbers: Float32Array) => new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
