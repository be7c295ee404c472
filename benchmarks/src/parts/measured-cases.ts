/** The parts that are lists of cases: pairwise and its variations, random and network. */
import { computeTruth, type LayerTruth } from "../exact/truth.js";
import type { CaseResult } from "../measure/case-result.js";
import { measureCase } from "../measure/measure-case.js";
import { caseTable, ratioTable } from "../print.js";
import { type Case, networkCases, type PairwiseCase, pairwiseCases, randomCases } from "../task/cases.js";
import { inTime, type PartOptions, select } from "./part.js";

/** Half space, s = 2. */
export const pairwisePart = (options: PartOptions) => pairwiseCasesOf(true, options);

/** The other spaces and exponents, of every size. */
export const variationsPart = (options: PartOptions) => pairwiseCasesOf(false, options);

async function pairwiseCasesOf(headline: boolean, options: PartOptions): Promise<CaseResult[]> {
  const { truths } = options;
  const cases = select(
    pairwiseCases.filter((each) => each.headline === headline),
    options,
  );
  const results: CaseResult[] = [];
  for (const chosen of cases) {
    if (!inTime(options, chosen.title)) continue;
    if (!truths.has(chosen.id)) {
      // One pass over the pairs serves all specs of a size.
      const alike = pairwiseCases.filter(({ count, dim }) => count === chosen.count && dim === chosen.dim);
      for (const [id, truth] of await truthsOf(alike)) truths.set(id, truth);
    }
    results.push(await measureOne(chosen, options, truths.get(chosen.id)!));
  }
  return results;
}

export const randomPart = (options: PartOptions) => measureAll(select(randomCases, options), options);

export const networkPart = (options: PartOptions) => measureAll(select(networkCases, options), options);

async function measureAll(cases: readonly Case[], options: PartOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const chosen of cases) if (inTime(options, chosen.title)) results.push(await measureOne(chosen, options));
  return results;
}

async function measureOne(chosen: Case, options: PartOptions, truth?: readonly LayerTruth[]): Promise<CaseResult> {
  const { candidates, book } = options;
  // Variations of a headline get less time.
  const share = chosen.headline ? 1 : 1 / 3;
  const result = await measureCase(chosen, {
    candidates,
    book,
    seconds: options.seconds * share,
    patience: options.patience * share,
    ...(truth ? { truth } : {}),
  });
  console.log(`\n${chosen.title}: energy and gradient, ${result.nominalGflop.toPrecision(3)} GFLOP nominal`);
  console.log(caseTable(result, options.peak));
  if (chosen.headline) console.log(ratioTable(result));
  return result;
}

async function truthsOf(group: readonly PairwiseCase[]): Promise<Map<string, LayerTruth[]>> {
  const tasks = group.map((each) => each.make());
  const truths = await computeTruth(
    tasks.flatMap(({ layers }) => layers),
    tasks[0]!.seed,
  );
  return new Map(group.map(({ id }, n) => [id, [truths[n]!]]));
}
