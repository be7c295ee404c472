/** Statistics of pairs, entry by entry: everything in one pass, and further passes for energies that one kernel has no room for. */
import type { PairStatistics, StatisticsRequest } from "@comhe/core";
import { statisticsPasses } from "@comhe/core/pair-functions";
import type { Engine } from "../device/engine.js";
import type { Blocking } from "../kernels/blocking.js";
import { mostEnergies } from "../kernels/statistics-layout.js";
import type { DeviceDirections } from "./directions.js";
import { StatisticsPass } from "./statistics-pass.js";

/**
 * As a backend's `statistics`.
 *
 * @param panelBytes memory for what tiles say of their rows
 * @param blocking how tiles are cut; default: by the table
 */
export async function statistics(
  engine: Engine,
  directions: DeviceDirections,
  request: StatisticsRequest,
  panelBytes: number,
  blocking?: Blocking,
): Promise<readonly PairStatistics[]> {
  const [batch] = directions.unit.shape as [number, number, number];
  // The caller's scope ends before the first band does.
  const held = { ...directions, unit: engine.hold(directions.unit), inverseNorm: engine.hold(directions.inverseNorm) };
  try {
    await Promise.resolve();
    const entries: PairStatistics[] = [];
    for (let entry = 0; entry < batch; entry++) {
      const tick = request.tick && ((share: number) => request.tick!((entry + share) / batch));
      const { passes, join } = statisticsPasses({ ...request, tick }, mostEnergies);
      const found: PairStatistics[] = [];
      for (const pass of passes) {
        found.push(await new StatisticsPass(engine, held, pass, entry, panelBytes, blocking).run());
      }
      entries.push(join(found));
    }
    return entries;
  } finally {
    engine.free(held.unit);
    engine.free(held.inverseNorm);
  }
}
