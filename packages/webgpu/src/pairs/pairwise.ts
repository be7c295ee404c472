/**
 * The pairwise energy with its gradient. K = ψ′ is made in panels: some rows with all columns from the first of them on. What lies left of
 * a panel's square is the transpose of earlier panels, which have served it already. A panel's size is bounded, so no N×N array lives.
 */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import { pairWeights } from "@comhe/core/host-functions";
import type { TensorPairwiseSaved } from "@comhe/core/tensor-backend";
import { type DeviceArray, roundUp } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Blocking } from "../kernels/blocking.js";
import { nearRowsKernel, rowsPerGroup } from "../kernels/near-rows.js";
import { pairTileKernel } from "../kernels/pair-tile.js";
import { panelProductKernel } from "../kernels/panel-product.js";
import { selfValuesKernel } from "../kernels/rows.js";
import { energyKernel } from "../kernels/sums.js";
import { fillWith } from "../primitives/elementwise.js";
import { type DeviceDirections, pullback } from "./directions.js";
import { sumRuns } from "./sum.js";
import { type Table, tableOf } from "./table.js";

export interface PairwiseOptions {
  /** For the slopes of some rows. */
  readonly panelBytes: number;
  /** How tiles are cut. Default: by the table. */
  readonly blocking?: Blocking | undefined;
}

/** As a backend's `pairwise`. */
export function pairwise(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  { panelBytes, blocking }: PairwiseOptions,
): PairwiseResult<DeviceArray> {
  const { unit, normEpsilon } = directions;
  const weights = pairWeights(unit.shape[1]!, pair.space, pair.population);
  return engine.scope(() => {
    const onDirections = engine.make(unit.shape);
    const sums = sumPairs(engine, directions, pair, blocking, { onDirections, panelBytes });
    const self = pair.space === "half" && normEpsilon > 0 ? { pair, weight: 2 * weights.self } : undefined;
    const gradient = pullback(engine, directions, onDirections, weights.pair, self);
    const saved: TensorPairwiseSaved<DeviceArray> = { directions, pair, onDirections };
    return { energy: energyOf(engine, directions, pair, sums), gradient, saved };
  });
}

/** As a backend's `pairwise` without a gradient. */
export function pairwiseEnergy(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  blocking?: Blocking,
): PairwiseEnergy<DeviceArray> {
  return engine.scope(() => ({
    energy: energyOf(engine, directions, pair, sumPairs(engine, directions, pair, blocking)),
  }));
}

interface Wanted {
  /** Becomes K X. */
  readonly onDirections: DeviceArray;
  readonly panelBytes: number;
}

/** `[batch]`: Σ_{i<j} ψ, and K X where it is wanted. */
function sumPairs(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  wantedBlocking?: Blocking,
  wanted?: Wanted,
): DeviceArray {
  const { unit, normEpsilon, inverseNorm } = directions;
  const table = tableOf(engine, unit, wantedBlocking);
  const { blocking, x, batch, count, dim, rows, quads } = table;
  const unitRows = normEpsilon === 0;
  const kernel = pairTileKernel({ blocking, pair, unitRows, slopes: wanted !== undefined });
  const tiles = rows / blocking.side;
  const panels = wanted ? planPanels(engine, table, wanted.panelBytes) : { entries: batch, tiles };
  const bands: { first: number; height: number; firstSum: number }[] = [];
  let entrySums = 0;
  for (let first = 0; first < tiles; first += panels.tiles) {
    const height = Math.min(panels.tiles, tiles - first);
    bands.push({ first, height, firstSum: entrySums });
    entrySums += height * (tiles - first);
  }
  const sums = engine.make([batch, entrySums]);
  const nearRows = wanted && unitRows ? fillWith(engine, [batch, count], 0) : undefined;
  const marks = nearRows ?? (wanted ? engine.make([1]) : undefined);
  for (let entry = 0; entry < batch; entry += panels.entries) {
    const entries = Math.min(panels.entries, batch - entry);
    for (const { first, height, firstSum } of bands) {
      const across = tiles - first;
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
            first_tile: first,
            panel_tiles: height,
            panel_quads: panelQuads,
            first_sum: firstSum,
            entry_sums: entrySums,
            across,
            root: Math.sqrt(normEpsilon),
          },
          groups: [across, height, entries],
          work: 2 * entries * panelRows * across * blocking.side * 4 * quads,
        });
        if (!wanted || !panel) return;
        const shared = {
          count,
          dim,
          quads,
          batch_quads: rows * quads,
          first_entry: entry,
          first: first * blocking.side,
          panel_rows: panelRows,
          panel_quads: panelQuads,
        };
        const beyond = 4 * panelQuads - panelRows;
        for (const transposed of beyond > 0 ? [false, true] : [false]) {
          const [skip, height, inner] = transposed ? [panelRows, beyond, panelRows] : [0, panelRows, 4 * panelQuads];
          engine.run(panelProductKernel(blocking, transposed), {
            arrays: { panel, x, result: wanted.onDirections },
            parameters: { ...shared, skip, inner: inner / 4, adds: first > 0 ? 1 : 0 },
            groups: [Math.ceil(dim / blocking.side), height / blocking.side, entries],
            work: 2 * entries * height * inner * roundUp(dim, blocking.side),
          });
          if (!nearRows) continue;
          engine.run(nearRowsKernel(transposed), {
            arrays: { panel, x, near_rows: nearRows, result: wanted.onDirections },
            parameters: { ...shared, skip, rows: height, others: inner },
            groups: [Math.ceil(height / rowsPerGroup), 1, entries],
            work: 16 * entries * height,
          });
        }
      });
    }
  }
  return sumRuns(engine, sums, batch);
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

/** `[batch]`, of the sums over pairs. */
function energyOf(
  engine: Engine,
  { unit, inverseNorm, normEpsilon }: DeviceDirections,
  pair: PairSpec,
  pairs: DeviceArray,
): DeviceArray {
  const [batch, count] = unit.shape as [number, number];
  const weights = pairWeights(count, pair.space, pair.population);
  let selves = pairs;
  if (pair.space === "half") {
    const values = engine.make([batch, count]);
    engine.run(selfValuesKernel(pair, normEpsilon === 0), {
      arrays: { inverse: inverseNorm, values },
      parameters: { size: batch * count, root: Math.sqrt(normEpsilon) },
      groups: [Math.ceil((batch * count) / 256), 1, 1],
      work: 32 * batch * count,
    });
    selves = sumRuns(engine, values, batch);
  }
  const energies = engine.make([batch]);
  engine.run(energyKernel, {
    arrays: { pairs, selves, energies },
    parameters: { size: batch, pair: weights.pair, self_weight: pair.space === "half" ? weights.self : 0 },
    groups: [Math.ceil(batch / 64), 1, 1],
    work: 4 * batch,
  });
  return energies;
}
