/** Where a study's runs are made: here, by the machines on a server, or by those that share a folder. */
import type { ResultStore, StoredResult, StudyPlan } from "@comhe/jobs";
import { pieceNames } from "@comhe/jobs";
import { folderStore, runLocally } from "@comhe/jobs/node";
import { RunFailedError, RunsMissingError } from "./errors.js";
import type { Job } from "./job.js";
import { threadData } from "./study-identity.js";

/** What is to be done, wherever. */
export interface StudyRuns {
  readonly plan: StudyPlan;
  /** Where results are kept at last: the study's file of lines. */
  readonly kept: ResultStore;
  /** A job of each of the plan's runs. */
  readonly jobs: readonly Job[];
  readonly signal: AbortSignal;
}

/** Of threads on this machine. */
export interface HereOptions {
  readonly worker: URL;
  readonly threads: number | undefined;
  readonly own: unknown;
  /** Shares of the runs under way, all together. */
  readonly onUnderWay: (shares: number) => void;
}

/** Part `index` of `of` equal ones. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** The first failure stops all of them: a study with a hole in it is not a paired study. @throws RunFailedError */
export async function runHere(
  { plan, kept, jobs, signal }: StudyRuns,
  { worker, threads, own, onUnderWay }: HereOptions,
  share?: Share,
): Promise<void> {
  const failure = new AbortController();
  const { failed } = await runLocally(plan, {
    ...{ store: kept, threads, share, entry: worker },
    data: threadData([{ name: plan.study, code: plan.code }], own),
    signal: AbortSignal.any([signal, failure.signal]),
    onProgress: ({ underWay }) => onUnderWay(underWay),
    onFailed: () => failure.abort(),
  });
  const [first] = failed;
  if (first === undefined) return;
  const { arm, seed } = jobs[first.number]!;
  throw new RunFailedError(arm, seed, first.message);
}

/** This machine's share, with what other machines have put into the folder. @throws RunFailedError, RunsMissingError */
export async function runInFolder(
  runs: StudyRuns,
  { folder, share, ...here }: HereOptions & { readonly folder: string; readonly share: Share },
): Promise<void> {
  const { plan, kept } = runs;
  const shared = await folderStore(folder);
  const names = await pieceNames(plan);
  for (const name of names) {
    const own = await kept.get(name);
    if (own !== undefined) await shared.put(own);
  }
  const takeOver = async () => {
    for (const name of names) {
      const result = await shared.get(name);
      if (result !== undefined) await kept.put(result);
    }
  };
  await takeOver();
  const both: ResultStore = {
    ...shared,
    async put(result: StoredResult) {
      const first = await shared.put(result);
      // What another machine made first is what counts.
      await kept.put(first ? result : ((await shared.get(result.piece)) ?? result));
      return first;
    },
  };
  await runHere({ ...runs, kept: both }, here, share);
  await takeOver();
  const done = (await kept.names()).size;
  if (done < names.length && !runs.signal.aborted) throw new RunsMissingError(done, names.length, folder);
}
