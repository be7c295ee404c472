/**
 * Interleaved timing: every round runs every contender once, so that a drift of the machine's speed hits all alike; in an order drawn anew each
 * round, since whoever always came behind one that leaves garbage or cold caches would pay for them.
 */
import { randomStream } from "@comhe/core";

export interface Contender {
  readonly name: string;
  /** One timed call. May return its milliseconds, where its own clock is nearer to the work. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most contenders return nothing
  run(): Promise<number | undefined | void> | void;
}

export interface Timing {
  readonly name: string;
  readonly calls: number;
  /** Milliseconds. */
  readonly best: number;
  readonly median: number;
  /** Interquartile range. */
  readonly spread: number;
  /** Median over rounds of this contender's time over the first one's in the same round. */
  readonly ratio: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly warmUp: number;
  /** A contender that has run for so long sits out the remaining rounds: slow ones get fewer. Default: none does. */
  readonly seconds?: number;
  /** Milliseconds of rest before each call, for threads of the one before to settle. Default 0. */
  readonly rest?: number;
  /**
   * Whether garbage is collected before each call, outside its time: results of megabytes that pile up have every call of JavaScript touch new memory,
   * whose pages the system must clear first, while libraries keep theirs. In a loop of one's own, whoever made garbage collects it.
   */
  readonly collect?: boolean;
}

/** The first contender is the one the others are compared with. */
export async function interleave(contenders: readonly Contender[], options: Rounds): Promise<Timing[]> {
  const { rounds, warmUp, seconds = Number.POSITIVE_INFINITY, rest = 0, collect = false } = options;
  const times = contenders.map(() => [] as number[]);
  const spent = contenders.map(() => 0);
  const order = [...contenders.entries()];
  const stream = randomStream(0, "turns", 0);
  for (let round = -warmUp; round < rounds; round++) {
    for (let n = order.length - 1; n > 0; n--) {
      const other = stream.below(n + 1);
      [order[n], order[other]] = [order[other]!, order[n]!];
    }
    for (const [index, contender] of order) {
      if (spent[index]! >= seconds * 1000) continue;
      if (collect) globalThis.gc?.();
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      const start = performance.now();
      const own = await contender.run();
      const time = own ?? performance.now() - start;
      if (round < 0) continue;
      times[index]!.push(time);
      spent[index]! += time;
    }
  }
  return contenders.map(({ name }, index) => summarize(name, times[index]!, times[0]!));
}

/** @param first the first contender's times, round by round */
export function summarize(name: string, times: readonly number[], first: readonly number[]): Timing {
  const common = times.slice(0, first.length);
  return {
    name,
    calls: times.length,
    best: Math.min(...times),
    median: quantile(times, 0.5),
    spread: quantile(times, 0.75) - quantile(times, 0.25),
    ratio: quantile(
      common.map((time, round) => time / first[round]!),
      0.5,
    ),
  };
}

/** By linear interpolation between the order statistics. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = at * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/** Exponent p of time ∝ sizeᵖ, by least squares on logarithms. */
export function growthExponent(sizes: readonly number[], times: readonly number[]): number {
  const x = sizes.map(Math.log);
  const y = times.map(Math.log);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, n) => (value - mx) * (y[n]! - my)));
  return covariance / mean(x.map((value) => (value - mx) ** 2));
}
