/**
 * One pass over the pairs of an entry, in bands: some rows of tiles with all columns from the first of them on. Behind each band its sums, counts and rows are
 * read and added up on the host, in float64 and whole numbers, and callers may look on or stop. Where bands end doesn't depend on how fast the
 * device is, so that bits repeat.
 */
import type { PairStatistics, SimilarPair, StatisticsRequest } from "@comhe/core";
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
import { aboutOf, type Band, close, open, pairsWithin, rowOf, type Section, sectionsOf } from "./statistics-section.js";
import { StatisticsTotals } from "./statistics-totals.js";
import type { Meeting } from "./sum-pairs-in-parts.js";
import type { Table } from "./table.js";

/** Operations of a band, about: a second of a GPU in software, some milliseconds of others. */
const workOfBand = 2 ** 36;

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
    const { tick } = this.request;
    const meetings = sectionsOf(engine, this.directions, this.entry);
    const similar = new SimilarList(Math.min(this.request.similar?.limit ?? 0, (count * (count - 1)) / 2));
    let totals: StatisticsTotals | undefined;
    let done = 0;
    for (const meeting of meetings) {
      await this.within(meeting, async (section) => {
        const collected = this.collectedBy(section);
        totals ??= new StatisticsTotals(count, collected, this.request);
        const inputs = this.inputsOf(section);
        const bands = count > 1 ? this.bandsOf(section, collected) : [];
        try {
          // A tile says already what pairs come before: else all of the first band would.
          if (bands.length > 0 && similar.room > 0 && meeting === meetings[0])
            await this.list(section, inputs, collected, { ...bands[0]!, height: 1, across: 1 }, similar, true);
          for (const band of bands) {
            await this.take(section, inputs, collected, band, totals, similar);
            done += pairsOf(section, band);
            await tick?.(Math.min(1, done / (count ** 2 / 2)));
          }
        } finally {
          for (const name of ["about", "edges"]) if (inputs[name]) engine.free(inputs[name]);
        }
      });
    }
    return await this.finish(meetings, totals!, similar);
  }

  private async within<R>(meeting: Meeting, body: (section: Section) => Promise<R>): Promise<R> {
    const section = open(this.engine, this.directions, meeting, this.blocking);
    try {
      return await body(section);
    } finally {
      close(this.engine, section);
    }
  }

  private inputsOf(section: Section): Record<string, DeviceArray> {
    const { engine } = this;
    const { angleBins = 0, about } = this.request;
    return {
      ...{ x: section.x, inverse: section.inverse },
      ...(about ? { about: engine.upload(aboutOf(section, about), [section.count, 4]) } : {}),
      ...(angleBins > 0 ? { edges: engine.upload(edgesOrOne(angleBins), [Math.max(1, angleBins - 1)]) } : {}),
    };
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

  private bandsOf({ blocking: { side }, rows, quads, isSquare, ownRows }: Section, collected: Collected): Band[] {
    const tiles = rows / side;
    const last = isSquare ? tiles : ownRows / side;
    const bands: Band[] = [];
    const perTile = 4 * (sumNames(collected).length + 2 * side * partNames(collected).length);
    const memory = Math.min(this.panelBytes, this.engine.largestArray);
    for (let firstRow = 0; firstRow < last; ) {
      const firstColumn = isSquare ? firstRow : last;
      const across = tiles - firstColumn;
      const byWork = workOfBand / (2 * side * side * 4 * quads * across);
      const byMemory = memory / (perTile * across);
      // Counts of a band are 32 bits wide.
      const byCounts = 2 ** 31 / (side * side * across);
      const height = Math.max(1, Math.min(last - firstRow, Math.floor(Math.min(byWork, byMemory, byCounts))));
      bands.push({ firstRow, height, firstColumn, across });
      firstRow += height;
    }
    return bands;
  }

  /** Runs the kernel over a band and reads what it found. */
  private async read(
    section: Section,
    inputs: Readonly<Record<string, DeviceArray>>,
    collected: Collected,
    band: Band,
    similar: SimilarList,
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const { engine, request } = this;
    const { blocking, count, quads, isSquare } = section;
    const { firstRow, height, firstColumn, across } = band;
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
          row_offset: section.rowOffset,
          column_offset: section.columnOffset,
          first_row_tile: firstRow,
          first_column_tile: firstColumn,
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
      const merged = mergesOf(section, band).map(({ rows, takes_rows, takes_columns }, n) => {
        const merged = engine.make([parts.length, rows]);
        engine.run(mergePartsKernel(collected), {
          arrays: { parts: ofTiles, merged },
          parameters: {
            rows,
            across,
            height,
            section: 2 * slots * side,
            is_square: isSquare ? 1 : 0,
            takes_rows,
            takes_columns,
          },
          groups: [Math.ceil(rows / 64), 1, 1],
          work: 8 * parts.length * slots * side,
        });
        return [`merged ${n}`, merged] as const;
      });
      return { ...read, ...Object.fromEntries(merged) };
    });
    return (await engine.download(found)) as Record<string, Float32Array>;
  }

  private async take(
    section: Section,
    inputs: Readonly<Record<string, DeviceArray>>,
    collected: Collected,
    band: Band,
    totals: StatisticsTotals,
    similar: SimilarList,
  ): Promise<void> {
    const found = await this.read(section, inputs, collected, band, similar);
    totals.addSums(found.sums!);
    if (found.counts) totals.addCounts(bitsOf(found.counts), rowOf(section));
    mergesOf(section, band).forEach(({ first }, n) => {
      const merged = found[`merged ${n}`];
      if (merged) totals.addRows(bitsOf(merged), rowOf(section)(first));
    });
    if (found.list && !similar.take(bitsOf(found.list), bitsOf(found.counts!)[counts.listed]!)) {
      await this.list(section, inputs, collected, band, similar, false);
    }
  }

  /** Lists the similar pairs of a band and nothing else, until all find room; or once, for what it says of the last. */
  private async list(
    section: Section,
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
      const { list, counts: met } = await this.read(section, inputs, alone, band, similar);
      fits = once
        ? similar.look(bitsOf(list!), bitsOf(met!)[counts.listed]!)
        : similar.take(bitsOf(list!), bitsOf(met!)[counts.listed]!);
    }
  }

  private async finish(
    meetings: readonly Meeting[],
    totals: StatisticsTotals,
    similar: SimilarList,
  ): Promise<PairStatistics> {
    const result = totals.result();
    const rows = [...result.nearestRows.keys()].filter((row) => result.nearestRows[row]! >= 0);
    const ofNearest = Uint32Array.from(rows.flatMap((row) => [row, result.nearestRows[row]!]));
    const ofSimilar = similar.pairs();
    const [nearest, alike] = [await this.cosines(meetings, ofNearest), await this.cosines(meetings, ofSimilar)];
    const nearestCosines = new Float64Array(result.nearestRows.length);
    rows.forEach((row, n) => {
      nearestCosines[row] = nearest[n]!;
    });
    const pairs = Array.from(alike, (cosine, n): SimilarPair => {
      return { i: ofSimilar[2 * n]!, j: ofSimilar[2 * n + 1]!, cosine };
    });
    return { ...result, nearestCosines, similar: sortSimilar(pairs, this.request.similar?.space === "half") };
  }

  /** The cosines of chosen pairs, wherever their rows lie. */
  private async cosines(meetings: readonly Meeting[], pairs: Uint32Array): Promise<Float64Array> {
    const result = new Float64Array(pairs.length / 2);
    for (const meeting of meetings) {
      const { places, pairs: some } = pairsWithin(meeting, pairs);
      if (places.length === 0) continue;
      const found = await this.within(meeting, (section) =>
        chosenCosines(this.engine, section, this.directions.normEpsilon, some),
      );
      places.forEach((place, n) => {
        result[place] = found[n]!;
      });
    }
    return result;
  }
}

/** Pairs of a band, those of a square one within its own rows included. */
function pairsOf({ blocking: { side }, count, ownRows, isSquare }: Section, band: Band): number {
  const rows = Math.min(band.height * side, ownRows - band.firstRow * side);
  const columns = count - band.firstColumn * side;
  return isSquare ? rows * columns - rows ** 2 / 2 : rows * columns;
}

/** Which of the section's rows a band says something of: all from its first on, or its own and, in a second go, its columns. */
function mergesOf({ blocking: { side }, count, ownRows, isSquare }: Section, { firstRow, height, firstColumn }: Band) {
  const first = firstRow * side;
  if (isSquare) return [{ first, rows: count - first, takes_rows: 1, takes_columns: 1 }];
  return [
    { first, rows: Math.min(height * side, ownRows - first), takes_rows: 1, takes_columns: 0 },
    { first: firstColumn * side, rows: count - firstColumn * side, takes_rows: 0, takes_columns: 1 },
  ];
}

/** The edges of the bins. One bin has none, but a buffer can't be empty: it gets a number that nobody looks at. */
const edgesOrOne = (bins: number) => (bins > 1 ? float32AngleEdges(bins) : new Float32Array(1));

const bitsOf = (numbers: Float32Array) => new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
