/** Runs of a regime, over worker threads or out of the log of finished ones. */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type Elsewhere,
  filesDigest,
  formatFixed,
  type Job,
  runExperiment,
  runKey,
  type StudyIdentity,
} from "@comhe-examples/study-kit";
import { fashionFiles } from "../../../fashion/src/fashion-data.js";
import { DIGITS_FILE, WORKER_FILE } from "../paths.js";
import type { DataFolders, Regime, Settings, TrainingJob } from "../regimes/regime.js";
import { type Run, runSchema } from "../regimes/run.js";
import type { ArmName } from "./arms.js";

export interface StudyOptions {
  readonly folders: DataFolders;
  /** Instead of the regime's own number. */
  readonly seeds: number | undefined;
  readonly out: string;
  readonly workers: number | undefined;
  /** Other machines that make runs, too. */
  readonly on: Elsewhere | undefined;
  readonly signal: AbortSignal;
}

/** An arm with its settings. */
export interface Candidate {
  readonly arm: ArmName;
  readonly settings: Settings;
}

export interface RunMaker {
  /** One list for each candidate, in the order of the seeds. */
  readonly makeRuns: (candidates: readonly Candidate[], seeds: readonly number[]) => Promise<Run[][]>;
  /** Training time of all runs so far, in hours of a core. */
  readonly hours: () => number;
}

export function runMaker(regime: Regime, options: StudyOptions): RunMaker {
  let seconds = 0;
  const shared = determinants(regime, options.folders);
  const makeJob = jobFactory(regime, shared);
  return {
    hours: () => seconds / 3600,
    makeRuns: async (candidates, seeds) => {
      // Seed by seed: what a seed's data cost is kept by the worker.
      const jobs = seeds.flatMap((seed) => candidates.map(({ arm, settings }) => makeJob(arm, settings, seed)));
      const { results } = await runExperiment({
        jobs,
        worker: pathToFileURL(WORKER_FILE),
        logFile: join(options.out, "runs.jsonl"),
        parse: (value) => runSchema.parse(value),
        describe: ({ arm, seed }, run) =>
          `${regime.name}, ${arm}, seed ${seed}: validation ${formatFixed(run.validationError)} % in ${formatFixed(run.seconds, 1)} s`,
        threads: options.workers,
        own: options.folders,
        study: identityOf(regime, shared),
        on: options.on,
        signal: options.signal,
      });
      seconds += results.reduce((sum, run) => sum + run.seconds, 0);
      return candidates.map((_, n) => seeds.map((_, at) => results[at * candidates.length + n]!));
    },
  };
}

type Determinants = ReturnType<typeof determinants>;

/** What all runs of a regime depend on: the contents of data and code, not where they lie. */
function determinants({ needsFashion }: Regime, folders: DataFolders) {
  const files = needsFashion ? Object.values(fashionFiles(folders.fashion)).flat() : [DIGITS_FILE];
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe/wasm", "@comhe/native"].map((name) =>
    dirname(fileURLToPath(import.meta.resolve(name))),
  );
  return { data: filesDigest(files), code: filesDigest([WORKER_FILE, ...packages]), node: process.version };
}

/** Each regime is a study of its own: a machine without Fashion-MNIST makes runs of the others. */
const identityOf = ({ name }: Regime, shared: Determinants): StudyIdentity => ({
  name: `regimes-${name}`,
  code: runKey(shared),
});

/** @throws Error where the regime's data aren't here */
export const studyIdentity = (regime: Regime, folders: DataFolders): StudyIdentity =>
  identityOf(regime, determinants(regime, folders));

/** Jobs whose keys say which finished run is the same run: settings, data and code. */
function jobFactory(regime: Regime, shared: Determinants): (arm: ArmName, settings: Settings, seed: number) => Job {
  return (arm, settings, seed) => {
    const payload: TrainingJob = { ...settings, regime: regime.name, seed };
    return { key: runKey({ job: payload, ...shared }), arm, seed, payload };
  };
}
