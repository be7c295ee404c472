/**
 * What a run leaves of the results that were there. A run whose time is up (`--minutes`) has measured some cases of a part, or
 * none: the others stay as they were measured before, on the same machine and versions; what was measured elsewhere can't stand
 * beside them, and is named as missing.
 */
import { isDeepStrictEqual } from "node:util";
import type { CostCase } from "./cost/cost-case.js";
import type { CaseResult } from "./measure/case-result.js";
import { type GrowthResults, growthOf } from "./parts/growth.js";
import { type LibraryCase, libraryCases } from "./parts/libraries.js";
import type { MemoryResult, MemoryResults } from "./parts/memory.js";
import type { PartResults, ResultsFile } from "./results.js";
import { costCases, growthSweeps, memoryCases, networkCases, pairwiseCases, randomCases } from "./task/cases.js";

/** Of one case, or of one candidate in it. */
interface Measured {
  /** The date, where it isn't the file's. */
  readonly measured?: string;
}

/** How a part's results are made of cases. */
interface Cases<R, M extends Measured> {
  /** In the order of the file; what isn't among them is no case any more. */
  readonly ids: readonly string[];
  list(results: R): readonly M[];
  id(one: M): string;
  /** @param earlier absent where nothing of it may be kept */
  join(list: readonly M[], results: R, earlier: R | undefined): R;
}

const ids = (cases: readonly { readonly id: string }[]) => cases.map(({ id }) => id);

function listed(cases: readonly { readonly id: string }[]): Cases<readonly CaseResult[], CaseResult> {
  return { ids: ids(cases), list: (results) => results, id: ({ id }) => id, join: (list) => list };
}

const parts = {
  pairwise: listed(pairwiseCases.filter(({ headline }) => headline)),
  variations: listed(pairwiseCases.filter(({ headline }) => !headline)),
  random: listed(randomCases),
  network: listed(networkCases),
  libraries: {
    ids: ids(libraryCases),
    list: (results) => results,
    id: ({ id }) => id,
    join: (list) => list,
  } satisfies Cases<readonly LibraryCase[], LibraryCase>,
  cost: {
    ids: ids(costCases),
    list: (results) => results,
    id: ({ id }) => id,
    join: (list) => list,
  } satisfies Cases<readonly CostCase[], CostCase>,
  growth: {
    ids: [...new Set(ids(Object.values(growthSweeps).flat()))],
    list: ({ cases }) => cases,
    id: ({ id }) => id,
    join: (cases) => ({ cases, fitted: growthOf(cases) }),
  } satisfies Cases<GrowthResults, CaseResult>,
  memory: {
    ids: ids(memoryCases),
    list: ({ peaks }) => peaks,
    id: (peak) => peak.case,
    join: (peaks, { flatness }, earlier) => ({
      peaks,
      flatness: flatness.length > 0 ? flatness : (earlier?.flatness ?? []),
    }),
  } satisfies Cases<MemoryResults, MemoryResult>,
};

export interface Kept<P extends keyof PartResults> {
  /** What to write; absent: nothing was measured, and the file stays as it is. */
  readonly file?: ResultsFile<P>;
  /** Ids of cases that stay as they were. */
  readonly kept: readonly string[];
  /** Ids of cases without results. */
  readonly missing: readonly string[];
}

/** @param earlier the file that `fresh` is about to replace */
export function keepEarlier<P extends keyof PartResults>(
  part: P,
  fresh: ResultsFile<P>,
  earlier: ResultsFile<P> | undefined,
): Kept<P> {
  const cases = parts[part] as unknown as Cases<PartResults[P], Measured>;
  const measured = cases.list(fresh.results);
  const there = earlier ? cases.list(earlier.results) : [];
  const idsOf = (list: readonly Measured[]) => new Set(list.map(cases.id));
  const [measuredIds, thereIds] = [idsOf(measured), idsOf(there)];
  if (measured.length === 0) {
    return { kept: [...thereIds], missing: cases.ids.filter((id) => !thereIds.has(id)) };
  }
  const isAlike =
    earlier !== undefined &&
    isDeepStrictEqual(earlier.machine, fresh.machine) &&
    isDeepStrictEqual(earlier.versions, fresh.versions);
  const kept = isAlike ? cases.ids.filter((id) => thereIds.has(id) && !measuredIds.has(id)) : [];
  const dated = (one: Measured): Measured =>
    earlier!.date === fresh.date ? one : { ...one, measured: one.measured ?? earlier!.date };
  const list = cases.ids.flatMap((id) =>
    kept.includes(id)
      ? there.filter((one) => cases.id(one) === id).map(dated)
      : measured.filter((one) => cases.id(one) === id),
  );
  const results = cases.join(list, fresh.results, isAlike ? earlier.results : undefined);
  const missing = cases.ids.filter((id) => !measuredIds.has(id) && !kept.includes(id));
  return { file: { ...fresh, results }, kept, missing };
}
