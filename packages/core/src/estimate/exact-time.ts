/** How long a backend would take for all pairs. */
import type { Backend } from "../backend/backend.js";
import type { PotentialSpec } from "../config/types.js";
import { createEvaluator } from "../evaluate/evaluator.js";
import type { Kernel, Neurons } from "../layout/layout.js";
import type { Clock } from "./clock.js";

const [fewestRows, mostRows] = [64, 1024];
/** The share of the time left that a probe has to take for its speed to be trusted. */
const trusted = 0.015;

/**
 * Milliseconds, by the energy of ever more rows, twice as many each time. What all pairs take grows with the square of the rows; what
 * doesn't (starting, drawing matrices) drops out of the difference of two probes.
 */
export async function predictExact<A>(
  backend: Backend<A>,
  spec: PotentialSpec,
  { data, count, dim }: Neurons,
  seed: number,
  clock: Clock,
): Promise<number> {
  const enough = trusted * clock.left();
  const probe = async (rows: number) => {
    const weights: Kernel = { data: data.slice(0, rows * dim), shape: [rows, dim] };
    const begin = performance.now();
    await createEvaluator(backend, spec, { seed }).energy(weights);
    return performance.now() - begin;
  };
  let rows = Math.min(fewestRows, count);
  await probe(rows);
  let time = await probe(rows);
  let rate = time / rows ** 2;
  while (time < enough && rows < Math.min(mostRows, count)) {
    const more = Math.min(count, 2 * rows);
    const longer = await probe(more);
    rate = Math.max(0, longer - time) / (more ** 2 - rows ** 2);
    [rows, time] = [more, longer];
  }
  return Math.max(time * (count / rows), time + rate * (count ** 2 - rows ** 2));
}
