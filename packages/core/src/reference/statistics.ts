/** Statistics of pairs in float64: the cosines tile by tile, each row of a tile handed to core's collector. */
import type { PairStatistics, StatisticsRequest } from "../backend/statistics.js";
import { PairCollector } from "../statistics/pair-collector.js";
import { nearChord } from "./chords.js";
import { sizes } from "./host-tensor.js";
import type { HostDirections } from "./normalize.js";
import { pairTiles, tileArray, tileIndex, tileProducts } from "./pair-tiles.js";

/** Tiles between two calls of `tick`: some 200,000 pairs. */
const tilesAtOnce = 96;

export async function statistics(
  directions: HostDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { unit } = directions;
  const { batch, rows: count } = sizes(unit);
  const collectors = Array.from({ length: batch }, (_, b) => {
    const first = b * count;
    const chord = (i: number, j: number, sign: 1 | -1) => nearChord(directions, first + i, first + j, sign);
    return new PairCollector(request, count, chord, undefined, first);
  });
  const cosines = tileArray();
  const pairs = (batch * count * (count - 1)) / 2;
  let done = 0;
  let tiles = 0;
  for (const tile of pairTiles(batch, count)) {
    const { first, height, firstColumn, width, diagonal } = tile;
    tileProducts(cosines, tile, unit, unit, diagonal);
    const collector = collectors[tile.batch]!;
    const offset = tile.batch * count;
    for (let row = 0; row < height; row++) {
      const skipped = diagonal ? row + 1 : 0;
      const other = firstColumn - offset + skipped;
      collector.addRow(first + row - offset, other, cosines, tileIndex(row, skipped), width - skipped);
    }
    done += diagonal ? (height * (height - 1)) / 2 : height * width;
    if (request.tick && ++tiles % tilesAtOnce === 0) await request.tick(done / pairs);
  }
  return collectors.map((collector) => collector.result());
}
