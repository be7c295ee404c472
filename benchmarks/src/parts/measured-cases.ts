/** The parts that are lists of cases: pairwise, random and network. */
import { computeTruth, type LayerTruth } from "../exact/truth.js";
import { type CaseResult, measureCase } from "../measure/measure-case.js";
import { caseTable, ratioTable } from "../print.js";
import { type Case, networkCases, type PairwiseCase, pairwiseCases, randomCases } from "../task/cases.js";
import { type PartOptions, select } from "./part.js";

export const pairwisePart = async (options: PartOptions) => {
  const results: CaseResult[] = [];
  const cases = select(pairwiseCases, options);
  for (const group of bySize(cases)) {
    // One pass over the pairs serves all specs of a size.
    const truths = await truthsOf(group);
    for (const chosen of group) results.push(await measureOne(chosen, options, truths.get(chosen.id)!));
  }
  return results;
};

export const randomPart = (options: PartOptions) => measureAll(select(randomCases, options), options);

export const networkPart = (options: PartOptions) => measureAll(select(networkCases, options), options);

async function measureAll(cases: readonly Case[], options: PartOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const chosen of cases) results.push(await measureOne(chosen, options));
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
  console.log(caseTable(result));
  if (chosen.headline) console.log(ratioTable(result));
  return result;
}

function bySize(cases: readonly PairwiseCase[]): PairwiseCase[][] {
  const groups = new Map<string, PairwiseCase[]>();
  for (const each of cases) {
    const key = `${each.count}×${each.dim}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

async function truthsOf(group: readonly PairwiseCase[]): Promise<Map<string, LayerTruth[]>> {
  const tasks = group.map((each) => each.make());
  const truths = await computeTruth(
    tasks.flatMap(({ layers }) => layers),
    tasks[0]!.seed,
  );
  return new Map(group.map(({ id }, n) => [id, [truths[n]!]]));
}
