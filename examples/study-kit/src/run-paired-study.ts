/** A whole study: every arm on every seed, then the table, the results file and the report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "./experiment/job.js";
import { describeMachine } from "./experiment/machine.js";
import { type Elsewhere, runExperiment } from "./experiment/run-experiment.js";
import type { StudyIdentity } from "./experiment/study-identity.js";
import { formatDuration, formatFixed } from "./format.js";
import { renderStudyReport } from "./report/study-report.js";
import { resultsTable } from "./results-table.js";
import { conclude } from "./statistics/conclusions.js";
import { type ArmSummary, summarize } from "./statistics/summarize.js";
import { type ArmInfo, type SeededRun, trainedRunSchema } from "./study.js";

export interface PairedStudy<A extends ArmInfo> {
  readonly arms: readonly A[];
  readonly seeds: number;
  readonly makeJob: (arm: A, seed: number) => Job;
  /** The worker's entry file. */
  readonly worker: URL;
  readonly threads: number | undefined;
  /** Folder of runs and results. */
  readonly out: string;
  /** Forget finished runs. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  readonly title: string;
  /** What was done, a paragraph each. */
  readonly setting: readonly string[];
  /** Where the data is from. */
  readonly source: string;
  /** What determines the runs, for `results.json`. */
  readonly study: Readonly<Record<string, unknown>>;
  /** What makes an arm, for `results.json`. */
  readonly describeArm: (arm: A) => Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  /** What this machine's worker threads are told: where data lie here, say. */
  readonly own?: unknown;
  readonly identity: StudyIdentity;
  /** Other machines that make runs, too. */
  readonly on?: Elsewhere | undefined;
}

export async function runPairedStudy<A extends ArmInfo>(plan: PairedStudy<A>): Promise<void> {
  const start = performance.now();
  const runs = await trainAll(plan);
  const summaries = summarize(plan.arms, runs);
  console.log(resultsTable(summaries));
  console.log(`\n${conclude(summaries).headline}\n`);
  for (const path of writeResults(plan, runs, summaries)) console.log(`Written: ${path}`);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function trainAll<A extends ArmInfo>(plan: PairedStudy<A>): Promise<SeededRun[]> {
  // Seed by seed, so that a study stopped half way holds whole pairs.
  const jobs = Array.from({ length: plan.seeds }, (_, i) => i + 1).flatMap((seed) =>
    plan.arms.map((arm) => plan.makeJob(arm, seed)),
  );
  const { results, resumed, others } = await runExperiment({
    jobs,
    worker: plan.worker,
    logFile: join(plan.out, "runs.jsonl"),
    parse: (value) => trainedRunSchema.parse(value),
    describe: ({ arm, seed }, run) =>
      `${arm}, seed ${seed}: ${formatFixed(run.testError)} % test error after ${formatFixed(run.seconds, 1)} s`,
    threads: plan.threads,
    fresh: plan.fresh,
    signal: plan.signal,
    own: plan.own,
    study: plan.identity,
    on: plan.on,
  });
  if (resumed > 0) console.error(`${resumed} runs were finished before; --fresh makes them again.`);
  else if (others > 0) {
    console.error(
      `The ${others} runs that are in ${join(plan.out, "runs.jsonl")} were made with other settings, data or code. They weren't used, and stay there.`,
    );
  }
  return jobs.map(({ arm, seed }, i) => ({ arm, seed, run: results[i]! }));
}

function writeResults<A extends ArmInfo>(
  plan: PairedStudy<A>,
  runs: readonly SeededRun[],
  summaries: readonly ArmSummary[],
): string[] {
  const { arms, out, title, setting, source, study, versions } = plan;
  const machine = describeMachine();
  const date = new Date().toISOString();
  const results = {
    date,
    machine,
    versions,
    backend: "tfjs wasm",
    study: { ...study, seeds: plan.seeds },
    arms: arms.map((arm) => ({ name: arm.name, label: arm.label, role: arm.role, ...plan.describeArm(arm) })),
    conclusions: conclude(summaries),
    summaries: summaries.map(({ arm, ...numbers }) => ({ arm: arm.name, ...numbers })),
    runs,
  };
  const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const report = renderStudyReport({
    title,
    setting,
    summaries,
    footer: [
      `Made ${date} on ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}.`,
      `${installed.join(", ")}; WebAssembly backend.`,
      source,
    ],
  });
  mkdirSync(out, { recursive: true });
  const files = { "results.json": `${JSON.stringify(results, null, 1)}\n`, "report.html": report };
  return Object.entries(files).map(([name, content]) => {
    const path = join(out, name);
    writeFileSync(path, content);
    return path;
  });
}
