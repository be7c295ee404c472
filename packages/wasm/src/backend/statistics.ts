/**
 * Statistics of pairs by one kernel, cut into jobs of some tenths of a second, between which callers may look on or stop. What the kernel
 * leaves behind (sums of blocks, counts and heaps of threads) is put together here.
 */
import type { PairStatistics, SimilarPair, StatisticsRequest } from "@comhe/core";
import { angleEdges, float32AngleEdges, statisticsPasses } from "@comhe/core/pair-functions";
import { kernels } from "../../generated/statistics-kernels.js";
import type { PairFields } from "../kernels/commands.js";
import type { WasmArray } from "../memory/arrays.js";
import { binsOfCells } from "./angle-cells.js";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";
import { sizes } from "./linear.js";
import { pairFields } from "./pairwise.js";
import { packedForCosines, type Tiles, tilesOf } from "./tiles.js";

/** Energies that one pass takes, and float64 accumulators of a block; as in `assembly/statistics.ts`. */
const [energiesOfPass, sumsOfBlock] = [4, 10];
/** Bytes of a pair in a heap; as in `assembly/similar.ts`. */
const pairBytes = 24;
/** Of one job: some tenths of a second, and fewer than 2³⁰ pairs, which is what the counters of `assembly/angles.ts` hold. */
const flopsAtOnce = 6e9;
/** What a pair costs beside its product. */
const flopsOfPair = 60;

/** What a pass works on, all of it made in the call and freed in the end, whatever scope it was made in. */
interface Room {
  readonly progress: WasmArray;
  readonly packed: WasmArray | undefined;
  readonly sums: WasmArray;
  readonly shares: WasmArray | undefined;
  readonly about: WasmArray | undefined;
  readonly cells: WasmArray | undefined;
  readonly edges: WasmArray | undefined;
  readonly histogram: WasmArray | undefined;
  readonly nearestRanks: WasmArray | undefined;
  readonly nearestCosines: WasmArray | undefined;
  readonly nearestRows: WasmArray | undefined;
  readonly similar: WasmArray | undefined;
  readonly similarCounts: WasmArray | undefined;
  readonly isWithin: WasmArray | undefined;
}

/** @param directions theirs are handles that outlive the call */
export async function takeStatistics(
  context: Context,
  directions: WasmDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  context.kernels.addStatistics(kernels);
  const { passes, join } = statisticsPasses(request, energiesOfPass);
  const found: (readonly PairStatistics[])[] = [];
  for (const pass of passes) found.push(await onePass(context, directions, pass));
  return found[0]!.map((_, entry) => join(found.map((pass) => pass[entry]!)));
}

async function onePass(
  context: Context,
  directions: WasmDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { arrays, engine } = context;
  const [batch, count, dim] = sizes(directions.unit);
  const { energies = [], shareOf = -1, angleBins = 0, nearest, similar, within, tick } = request;
  const tiles = tilesOf(context, batch, count);
  const room = roomFor(context, directions, request, tiles);
  const pairs = energies.map((pair): PairFields => pairFields(pair, directions.normEpsilon));
  const tasks = batch * tiles.count;
  const flopsOfTask = tiles.side ** 2 * (2 * dim + flopsOfPair);
  const atOnce = Math.max(1, Math.floor(flopsAtOnce / flopsOfTask));
  try {
    for (let task = 0; task < tasks; task += atOnce) {
      const lastTask = Math.min(tasks, task + atOnce);
      engine.run(
        "statistics",
        {
          tiles,
          firstTask: task,
          lastTask,
          dim,
          directions: directions.unit,
          inverses: directions.inverses,
          epsilon: directions.normEpsilon,
          packedForCosines: room.packed,
          sums: room.sums,
          energies: pairs.length,
          first: pairs[0],
          second: pairs[1],
          third: pairs[2],
          fourth: pairs[3],
          shareOf,
          shares: room.shares,
          about: room.about,
          bins: angleBins,
          cells: room.cells,
          edges: room.edges,
          histogram: room.histogram,
          isNearestHalf: nearest === "half",
          nearestRanks: room.nearestRanks,
          nearestCosines: room.nearestCosines,
          nearestRows: room.nearestRows,
          isSimilarHalf: similar?.space === "half",
          similarLimit: similar?.limit ?? 0,
          similar: room.similar,
          similarCounts: room.similarCounts,
          chordSquared: within ? within.chord ** 2 : -1,
          isWithinHalf: within?.space === "half",
          isWithin: room.isWithin,
        },
        (lastTask - task) * flopsOfTask,
      );
      await engine.settle();
      await tick?.(lastTask / tasks);
    }
    return Array.from({ length: batch }, (_, entry) => read(context, room, tiles, request, entry));
  } finally {
    for (const array of Object.values(room)) if (array) arrays.free(array);
  }
}

function roomFor(context: Context, directions: WasmDirections, request: StatisticsRequest, tiles: Tiles): Room {
  const { arrays, threads } = context;
  const [batch, count, dim] = sizes(directions.unit);
  const { shareOf, about, angleBins = 0, nearest, similar, within } = request;
  const rows = batch * count;
  const when = <T>(wanted: unknown, make: () => T): T | undefined => (wanted ? make() : undefined);
  const ranks = when(nearest, () => arrays.make([rows], 8));
  const rowsOfNearest = when(nearest, () => arrays.make([rows]));
  const edges = angleBins > 0 ? angleEdges(angleBins) : undefined;
  const bins = edges && binsOfCells(edges);
  const cells = bins && arrays.make([bins.length]);
  const room: Room = {
    progress: tiles.progress,
    packed: packedForCosines(context, tiles, dim),
    sums: arrays.zeros([tiles.blocks, sumsOfBlock], 8),
    shares: when(shareOf !== undefined, () => arrays.zeros([rows], 8)),
    // Columns are read four at a time, the last of all beyond the end.
    about: when(about, () => arrays.zeros([3 * rows + 4])),
    cells,
    edges: edges && arrays.upload(Float32Array.of(...float32AngleEdges(angleBins), -4), [angleBins]),
    histogram: when(edges, () => arrays.zeros([threads, batch, angleBins], 8)),
    nearestRanks: ranks,
    nearestCosines: when(nearest, () => arrays.zeros([rows], 8)),
    nearestRows: rowsOfNearest,
    similar: when(similar, () => arrays.make([threads, batch, similar!.limit * (pairBytes / 4)])),
    similarCounts: when(similar, () => arrays.zeros([threads, batch])),
    isWithin: when(within, () => arrays.zeros([Math.ceil(rows / 4)])),
  };
  for (const array of Object.values(room)) arrays.detach(array);
  const { float32, float64, int32 } = arrays.heap.views;
  if (about) {
    const at = room.about!.address / 4;
    [about.own, about.other, about.offset].forEach((numbers, n) => {
      float32.set(numbers, at + n * rows);
    });
  }
  if (ranks) float64.fill(Number.NEGATIVE_INFINITY, ranks.address / 8, ranks.address / 8 + rows);
  if (rowsOfNearest) int32.fill(-1, rowsOfNearest.address / 4, rowsOfNearest.address / 4 + rows);
  if (cells) int32.set(bins!, cells.address / 4);
  return room;
}

function read(
  { arrays, threads }: Context,
  room: Room,
  tiles: Tiles,
  { energies = [], angleBins = 0, similar }: StatisticsRequest,
  entry: number,
): PairStatistics {
  const { batch, rows: count, blocks } = tiles;
  const { float64, int32, buffer } = arrays.heap.views;
  const sums = new Float64Array(sumsOfBlock);
  const perEntry = blocks / batch;
  for (let block = entry * perEntry; block < (entry + 1) * perEntry; block++) {
    for (let n = 0; n < sumsOfBlock; n++) sums[n]! += float64[room.sums.address / 8 + block * sumsOfBlock + n]!;
  }
  /** The entry's part of an array of all rows. */
  const doubles = (from: WasmArray | undefined) => {
    const at = from ? from.address / 8 + entry * count : 0;
    return from ? float64.slice(at, at + count) : new Float64Array(0);
  };
  const angles = new Float64Array(angleBins);
  const pairs: SimilarPair[] = [];
  for (let thread = 0; thread < threads; thread++) {
    const part = thread * batch + entry;
    if (room.histogram) {
      // Counts of pairs are below 2⁵³.
      const at = room.histogram.address / 4 + 2 * part * angleBins;
      for (let n = 0; n < angleBins; n++) {
        // A thread's count may be below 0, where it put near pairs right that another counted.
        angles[n]! += int32[at + 2 * n + 1]! * 2 ** 32 + (int32[at + 2 * n]! >>> 0);
      }
    }
    if (!room.similar || !room.similarCounts) continue;
    const first = room.similar.address / 8 + part * similar!.limit * 3;
    for (let n = 0; n < int32[room.similarCounts.address / 4 + part]!; n++) {
      const at = first + 3 * n;
      pairs.push({ i: int32[2 * at + 4]!, j: int32[2 * at + 5]!, cosine: float64[at + 1]! });
    }
  }
  const isHalf = similar?.space === "half";
  const rank = ({ cosine }: SimilarPair) => (isHalf ? Math.abs(cosine) : cosine);
  pairs.sort((a, b) => rank(b) - rank(a) || a.i - b.i || a.j - b.j);
  const at = room.nearestRows ? room.nearestRows.address / 4 + entry * count : 0;
  const flags = room.isWithin ? new Uint8Array(buffer, room.isWithin.address + entry * count, count) : [];
  let rowsWithin = 0;
  for (const flag of flags) rowsWithin += flag;
  return {
    count,
    energySums: sums.slice(4, 4 + energies.length),
    cosineSum: sums[0]!,
    absoluteSum: sums[1]!,
    squareSum: sums[2]!,
    about: room.about && { absoluteSum: sums[8]!, squareSum: sums[9]! },
    shares: doubles(room.shares),
    angles,
    nearestRows: room.nearestRows ? int32.slice(at, at + count) : new Int32Array(0),
    nearestCosines: doubles(room.nearestCosines),
    similar: pairs.slice(0, similar?.limit ?? 0),
    pairsWithin: sums[3]!,
    rowsWithin,
  };
}
