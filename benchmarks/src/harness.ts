/** Interleaved timing: every round runs every contender once, so that a drift of the machine's speed hits all alike. */

export interface Contender {
  readonly name: string;
  /** One timed call. */
  run(): Promise<void> | void;
}

export interface Timing {
  readonly name: string;
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
}

/** The first contender is the one the others are compared with. */
export async function interleave(contenders: readonly Contender[], { rounds, warmUp }: Rounds): Promise<Timing[]> {
  const times = contenders.map(() => [] as number[]);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const start = performance.now();
      await contender.run();
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return contenders.map(({ name }, index) => {
    const own = times[index]!;
    return {
      name,
      best: Math.min(...own),
      median: quantile(own, 0.5),
      spread: quantile(own, 0.75) - quantile(own, 0.25),
      ratio: quantile(
        own.map((time, round) => time / times[0]![round]!),
        0.5,
      ),
    };
  });
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
