/** One regime, whole: tuning, then every arm on the reported seeds. */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { filesDigest, formatFixed, type Job, runExperiment, runKey } from "@comhe-examples/study-kit";
import { fashionFiles } from "../../../fashion/src/fashion-data.js";
import { DIGITS_FILE, WORKER_FILE } from "../paths.js";
import type { DataFolders, Regime, Settings } from "../regimes/regime.js";
import { type Run, runSchema } from "../regimes/run.js";
import type { WorkerJob } from "../worker.js";
import { ARMS, type ArmName } from "./arms.js";
import type { RegimeRecord } from "./record.js";
import { type MakeRuns, tune } from "./tune.js";

export interface StudyOptions {
  readonly folders: DataFolders;
  /** Instead of the regime's own number. */
  readonly seeds: number | undefined;
  readonly out: string;
  readonly workers: number | undefined;
  readonly signal: AbortSignal;
}

export async function runRegime(regime: Regime, options: StudyOptions): Promise<RegimeRecord> {
  let seconds = 0;
  const makeJob = jobFactory(regime, options.folders);
  const runAll = async (jobs: readonly Job[]): Promise<readonly Run[]> => {
    const { results } = await runExperiment({
      jobs,
      worker: pathToFileURL(WORKER_FILE),
      logFile: join(options.out, "runs.jsonl"),
      parse: (value) => runSchema.parse(value),
      describe: ({ arm, seed }, run) =>
        `${regime.name}, ${arm}, seed ${seed}: validation ${formatFixed(run.validationError)} % in ${formatFixed(run.seconds, 1)} s`,
      threads: options.workers,
      signal: options.signal,
    });
    seconds += results.reduce((sum, run) => sum + run.seconds, 0);
    return results;
  };
  const makeRuns: MakeRuns = async (arm, settings, seeds) => {
    // Seed by seed: what a seed's data cost is kept by the worker.
    const runs = await runAll(seeds.flatMap((seed) => settings.map((each) => makeJob(arm, each, seed))));
    return settings.map((_, n) => seeds.map((_, at) => runs[at * settings.length + n]!));
  };
  const { trials, chosen } = await tune(regime, makeRuns);
  const seeds = options.seeds ?? regime.seeds;
  const arms = ARMS.filter((arm) => chosen[arm]);
  const jobs = Array.from({ length: seeds }, (_, n) => n + 1).flatMap((seed) =>
    arms.map((arm) => makeJob(arm, chosen[arm]!, seed)),
  );
  const runs = await runAll(jobs);
  return {
    name: regime.name,
    seeds,
    tuningSeeds: regime.grid.seeds,
    hours: seconds / 3600,
    trials: trials.map((trial) => ({
      ...trial,
      settings: plain(trial.settings),
      validationErrors: [...trial.validationErrors],
    })),
    arms: arms.map((arm, n) =>
      summaryOf(
        arm,
        chosen[arm]!,
        runs.filter((_, at) => at % arms.length === n),
      ),
    ),
  };
}

function summaryOf(arm: ArmName, settings: Settings, runs: readonly Run[]): RegimeRecord["arms"][number] {
  const meanOf = (key: "energyBefore" | "energyAfter") => {
    const values = runs.map((run) => run[key]).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    arm,
    settings: plain(settings),
    testErrors: runs.map(({ testError }) => testError),
    diverged: runs.filter(({ diverged }) => diverged).length,
    energyBefore: meanOf("energyBefore"),
    energyAfter: meanOf("energyAfter"),
  };
}

/** As JSON has it. */
function plain(settings: Settings): RegimeRecord["arms"][number]["settings"] {
  return JSON.parse(JSON.stringify(settings));
}

/** Jobs whose keys say which finished run is the same run: settings, data and code. */
function jobFactory(regime: Regime, folders: DataFolders): (arm: ArmName, settings: Settings, seed: number) => Job {
  const files = regime.needsFashion ? Object.values(fashionFiles(folders.fashion)).flat() : [DIGITS_FILE];
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe/wasm", "@comhe/native"].map((name) =>
    dirname(fileURLToPath(import.meta.resolve(name))),
  );
  const [data, code] = [filesDigest(files), filesDigest([WORKER_FILE, ...packages])];
  return (arm, settings, seed) => {
    const job = { ...settings, regime: regime.name, seed };
    const payload: WorkerJob = { folders, job };
    return { key: runKey({ job, data, code, node: process.version }), arm, seed, payload };
  };
}
