/**
 * Two contenders by the ratios of neighbouring calls: before, after, after, before, and so on, so that neither a drift of the machine's speed
 * nor which one comes second weighs on one side. What others do on the machine meanwhile shows in wall time more than in CPU time.
 */
import { quantile } from "../harness.js";

export interface Paired {
  readonly pairs: number;
  /** Median milliseconds of a call. */
  readonly before: number;
  readonly after: number;
  /** Median over pairs of after ÷ before. */
  readonly ratio: number;
  /** The least CPU time of a call after ÷ that before: what is left of a busy machine's noise. */
  readonly cpuRatio: number;
  /** Quartiles of the wall time's ratios. */
  readonly quartiles: readonly [number, number];
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

export async function comparePaired(
  before: () => Promise<unknown>,
  after: () => Promise<unknown>,
  { seconds, leastPairs = 6 }: { readonly seconds: number; readonly leastPairs?: number },
): Promise<Paired> {
  const first: Cost[] = [];
  const second: Cost[] = [];
  const start = performance.now();
  // A call of microseconds is timed in groups; compilers have then seen it a few times as well.
  const once = (await costOf(before, 3)).wall / 3 + (await costOf(after, 3)).wall / 3;
  const calls = Math.max(1, Math.ceil(2 / once));
  while (first.length < leastPairs || performance.now() - start < seconds * 1000) {
    const swapped = first.length % 2 === 1;
    if (swapped) second.push(await costOf(after, calls));
    first.push(await costOf(before, calls));
    if (!swapped) second.push(await costOf(after, calls));
  }
  const ratios = first.map(({ wall }, n) => second[n]!.wall / wall);
  return {
    pairs: first.length,
    before: quantile(
      first.map(({ wall }) => wall / calls),
      0.5,
    ),
    after: quantile(
      second.map(({ wall }) => wall / calls),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    cpuRatio: leastCpu(second) / leastCpu(first),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  };
}

function leastCpu(costs: readonly Cost[]): number {
  return Math.min(...costs.map(({ cpu }) => cpu));
}

async function costOf(run: () => Promise<unknown>, calls: number): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let call = 0; call < calls; call++) await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: user + system };
}
