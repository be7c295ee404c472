/** Statistics of pairs, entry by entry: everything in one pass, and further passes for energies that one kernel has no room for. */
import type { PairStatistics, StatisticsRequest } from "@comhe/core";
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
    const passes = passesOf(request, batch);
    const entries: PairStatistics[] = [];
    for (let entry = 0; entry < batch; entry++) {
      const found: PairStatistics[] = [];
      for (const pass of passes(entry)) {
        found.push(await new StatisticsPass(engine, held, pass, entry, panelBytes, blocking).run());
      }
      const energySums = Float64Array.from(found.flatMap((pass) => [...pass.energySums]));
      entries.push({ ...found[0]!, energySums: inOrderOf(request, energySums) });
    }
    return entries;
  } finally {
    engine.free(held.unit);
    engine.free(held.inverseNorm);
  }
}

/** Which energies go first: the one whose shares are wanted. */
function orderOf({ energies = [], shareOf }: StatisticsRequest): readonly number[] {
  return [...energies.keys()].sort((a, b) => Number(b === shareOf) - Number(a === shareOf));
}

function inOrderOf(request: StatisticsRequest, sums: Float64Array): Float64Array {
  const result = new Float64Array(sums.length);
  orderOf(request).forEach((n, at) => {
    result[n] = sums[at]!;
  });
  return result;
}

/** Everything with the first few energies, and for further ones passes of their own. */
function passesOf(request: StatisticsRequest, batch: number): (entry: number) => readonly StatisticsRequest[] {
  const { energies = [], shareOf, tick } = request;
  const order = orderOf(request);
  const each = Math.max(1, Math.ceil(energies.length / mostEnergies));
  return (entry) =>
    Array.from({ length: each }, (_, n): StatisticsRequest => {
      const some = order.slice(n * mostEnergies, (n + 1) * mostEnergies).map((at) => energies[at]!);
      const whole = n === 0 ? { ...request, shareOf: shareOf === undefined ? undefined : 0 } : {};
      const share = (part: number) => (entry * each + n + part) / (batch * each);
      return { ...whole, energies: some, tick: tick && ((part) => tick(share(part))) };
    });
}
