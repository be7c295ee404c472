/**
 * The sum over pairs of rows that lie in one buffer, and K X where it is wanted. K = ψ′ is made in panels: some rows with all columns from the first of
 * them on. What lies left of a panel's square is the transpose of earlier panels, which have served it already. A panel's size is bounded, so
 * no N×N array lives.
 */
import type { PairSpec } from "@comhe/core";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { roundUp } from "../device/sizes.js";
import type { Blocking } from "../kernels/blocking.js";
import { nearRowsKernel, rowsPerGroup } from "../kernels/near-rows.js";
import { pairTileKernel } from "../kernels/pair-tile.js";
import { panelProductKernel } from "../kernels/panel-product.js";
import { fillWith } from "../primitives/elementwise.js";
import type { DeviceDirections } from "./directions.js";
import { sumRuns } from "./sum.js";
import { type Table, tableOf } from "./table.js";

/** Where K X goes, and memory for the slopes of a panel. */
export interface WantedSlopes {
  readonly onDirections: DeviceArray;
  readonly panelBytes: number;
}

export interface SumPairsOptions {
  /** How tiles are cut. Default: by the table. */
  readonly blocking?: Blocking | undefined;
  readonly wanted?: WantedSlopes | undefined;
  /** Only pairs of one of the first so many rows, a multiple of a tile's, with one of the others. */
  readonly acrossFrom?: number | undefined;
}

/** Tiles whose slopes are a panel together. */
interface Band {
  readonly firstRow: number;
  readonly height: number;
  readonly firstColumn: number;
  readonly across: number;
  readonly firstSum: number;
}

/** `[batch]`: Σ_{i<j} ψ, and K X where it is wanted. */
export function sumPairs(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  { blocking: wantedBlocking, wanted, acrossFrom }: SumPairsOptions,
): DeviceArray {
  const { unit, normEpsilon, inverseNorm } = directions;
  const table = tableOf(engine, unit, wantedBlocking);
  const { blocking, x, batch, count, rows, quads } = table;
  const unitRows = normEpsilon === 0;
  const kernel = pairTileKernel({ blocking, pair, unitRows, slopes: wanted !== undefined });
  const panels = wanted
    ? planPanels(engine, table, wanted.panelBytes)
    : { entries: batch, tiles: rows / blocking.side };
  const { bands, entrySums } = bandsOf(table, panels.tiles, acrossFrom);
  const sums = engine.make([batch, entrySums]);
  const nearRows = wanted && unitRows ? fillWith(engine, [batch, count], 0) : undefined;
  const marks = nearRows ?? (wanted ? engine.make([1]) : undefined);
  for (let entry = 0; entry < batch; entry += panels.entries) {
    const entries = Math.min(panels.entries, batch - entry);
    for (const band of bands) {
      const { firstRow, height, firstColumn, across, firstSum } = band;
      const [panelRows, panelQuads] = [height * blocking.side, (across * blocking.side) / 4];
      engine.scope(() => {
        const panel = wanted ? engine.make([entries, panelRows, 4 * panelQuads]) : undefined;
        engine.run(kernel, {
          arrays: { x, sums, inverse: inverseNorm, panel: panel ?? sums, near_rows: marks ?? sums },
          parameters: {
            count,
            quads,
            batch_quads: rows * quads,
            first_entry: entry,
            first_row_tile: firstRow,
            first_column_tile: firstColumn,
            panel_tiles: height,
            square_tiles: firstColumn === firstRow ? height : 0,
            panel_quads: panelQuads,
            first_sum: firstSum,
            entry_sums: entrySums,
            across,
            root: Math.sqrt(normEpsilon),
          },
          groups: [across, height, entries],
          work: 2 * entries * panelRows * across * blocking.side * 4 * quads,
        });
        if (wanted && panel) multiply(engine, table, band, { entry, entries, panel, nearRows, ...wanted });
      });
    }
  }
  return sumRuns(engine, sums, batch);
}

interface PanelOfEntries extends WantedSlopes {
  readonly entry: number;
  readonly entries: number;
  readonly panel: DeviceArray;
  /** Which rows have tagged slopes; absent where none has. */
  readonly nearRows: DeviceArray | undefined;
}

/** The panel times the rows of its columns, for its own rows, and its transpose times its own rows, for the columns that aren't among them. */
function multiply(
  engine: Engine,
  { blocking, x, count, dim, rows, quads }: Table,
  band: Band,
  { entry, entries, panel, nearRows, onDirections }: PanelOfEntries,
): void {
  const { side } = blocking;
  const [firstRow, firstColumn] = [band.firstRow * side, band.firstColumn * side];
  const [panelRows, panelColumns] = [band.height * side, band.across * side];
  const isSquare = firstRow === firstColumn;
  const skip = isSquare ? panelRows : 0;
  const ofPanel = {
    ...{ count, dim, quads, batch_quads: rows * quads },
    ...{ first_entry: entry, panel_rows: panelRows, panel_quads: panelColumns / 4 },
  };
  // Earlier panels' columns were these rows, so that there is something already; all columns were those of the first panel.
  const sides = [
    {
      transposed: false,
      skip: 0,
      height: panelRows,
      inner: panelColumns,
      first: { first_inner: firstColumn, first_result: firstRow },
    },
    {
      ...{ transposed: true, skip, height: panelColumns - skip, inner: panelRows },
      first: { first_inner: firstRow, first_result: firstColumn + skip },
    },
  ];
  for (const { transposed, skip, height, inner, first } of sides) {
    if (height === 0) continue;
    const adds = firstRow > 0 && (transposed || isSquare) ? 1 : 0;
    engine.run(panelProductKernel(blocking, transposed), {
      arrays: { panel, x, result: onDirections },
      parameters: { ...ofPanel, ...first, skip, inner: inner / 4, adds },
      groups: [Math.ceil(dim / side), height / side, entries],
      work: 2 * entries * height * inner * roundUp(dim, side),
    });
    if (!nearRows) continue;
    engine.run(nearRowsKernel(transposed), {
      arrays: { panel, x, near_rows: nearRows, result: onDirections },
      parameters: { ...ofPanel, ...first, skip, rows: height, others: inner },
      groups: [Math.ceil(height / rowsPerGroup), 1, entries],
      work: 16 * entries * height,
    });
  }
}

/** Bands of some tiles of rows, with what is right of their first, or with all columns behind the first `acrossFrom` rows. */
function bandsOf({ blocking: { side }, rows }: Table, tilesOfBand: number, acrossFrom?: number) {
  const tiles = rows / side;
  const last = acrossFrom === undefined ? tiles : acrossFrom / side;
  const bands: Band[] = [];
  let entrySums = 0;
  for (let firstRow = 0; firstRow < last; firstRow += tilesOfBand) {
    const height = Math.min(tilesOfBand, last - firstRow);
    const firstColumn = acrossFrom === undefined ? firstRow : last;
    const across = tiles - firstColumn;
    bands.push({ firstRow, height, firstColumn, across, firstSum: entrySums });
    entrySums += height * across;
  }
  return { bands, entrySums };
}

/** How many batch entries, and tiles of rows, a panel holds. */
function planPanels(
  engine: Engine,
  { blocking, batch, rows }: Table,
  panelBytes: number,
): { readonly entries: number; readonly tiles: number } {
  const bytes = Math.min(panelBytes, engine.largestArray);
  const entries = Math.floor(bytes / (4 * rows * rows));
  if (entries > 0) return { entries: Math.min(entries, batch), tiles: rows / blocking.side };
  return { entries: 1, tiles: Math.max(1, Math.floor(bytes / (4 * rows * blocking.side))) };
}
