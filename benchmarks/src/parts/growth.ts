/** How the time grows: N doubled four times, d doubled three times, half space, s = 2, with the fitted exponents. */

import { milliseconds } from "../format.js";
import { growthExponent } from "../harness.js";
import type { CaseResult } from "../measure/case-result.js";
import { measureCase } from "../measure/measure-case.js";
import { plainTable } from "../print.js";
import { growthSweeps, type PairwiseCase } from "../task/cases.js";
import { inTime, type PartOptions } from "./part.js";

export interface Growth {
  readonly name: string;
  readonly id: string;
  /** p of time ∝ Nᵖ and ∝ dᵖ; absent where fewer than three sizes were timed. */
  readonly count?: number;
  readonly dim?: number;
}

export interface GrowthResults {
  readonly cases: readonly CaseResult[];
  readonly fitted: readonly Growth[];
}

export async function growthPart(options: PartOptions): Promise<GrowthResults> {
  const all = new Map<string, PairwiseCase>();
  const sweeps = Object.values(growthSweeps).map((sweep) => (options.quick ? sweep.slice(0, 2) : sweep));
  for (const each of sweeps.flat()) all.set(each.id, each);
  const cases = [...all.values()].filter(({ id }) => !options.cases || options.cases.some((text) => id.includes(text)));
  const results: CaseResult[] = [];
  const candidates = options.candidates.filter(({ headlineOnly }) => !headlineOnly);
  for (const chosen of cases) {
    if (!inTime(options, chosen.title)) continue;
    console.error(`growth: ${chosen.title}`);
    results.push(await measureCase(chosen, { ...options, candidates, seconds: options.seconds / 3 }));
  }
  const fitted = growthOf(results);
  printGrowth(results, fitted);
  return { cases: results, fitted };
}

/** Of every candidate that took part. */
export function growthOf(cases: readonly CaseResult[]): Growth[] {
  const names = new Map(cases.flatMap(({ candidates }) => candidates.map(({ id, name }) => [id, name])));
  return [...names].map(([id, name]) => ({ name, id, ...exponents(id, cases) }));
}

function exponents(id: string, results: readonly CaseResult[]): Pick<Growth, "count" | "dim"> {
  const fit = (sweep: readonly PairwiseCase[], size: "count" | "dim") => {
    const points = sweep.flatMap((each) => {
      const median = medianOf(results, each, id);
      return median === undefined ? [] : [{ size: each[size], median }];
    });
    if (points.length < 3) return {};
    const exponent = growthExponent(
      points.map((point) => point.size),
      points.map(({ median }) => median),
    );
    return { [size]: exponent };
  };
  return { ...fit(growthSweeps.count, "count"), ...fit(growthSweeps.dim, "dim") };
}

function medianOf(results: readonly CaseResult[], { id }: PairwiseCase, candidate: string): number | undefined {
  const found = results.find((result) => result.id === id);
  return found?.candidates.find((each) => each.id === candidate)?.timing?.median;
}

function printGrowth(results: readonly CaseResult[], fitted: readonly Growth[]): void {
  for (const [label, size, sweep] of [
    ["N at d = 256", "count", growthSweeps.count],
    ["d at N = 1024", "dim", growthSweeps.dim],
  ] as const) {
    const rows = fitted.map((growth) => [
      growth.name,
      ...sweep.map((each) => {
        const median = medianOf(results, each, growth.id);
        return median === undefined ? "–" : milliseconds(median);
      }),
      growth[size]?.toFixed(2) ?? "–",
    ]);
    console.log(`\nGrowth with ${label}, half space, s = 2: median ms, and p of time ∝ size^p`);
    console.log(plainTable(["", ...sweep.map((each) => String(each[size])), "p"], rows));
  }
}
