/** The main job: every arm on every seed, then the table, the results file and the report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ArmSummary,
  conclude,
  describeMachine,
  formatDuration,
  formatFixed,
  renderStudyReport,
  resultsTable,
  runExperiment,
  type SeededRun,
  summarize,
  trainedRunSchema,
} from "@comhe-examples/study-kit";
import { type Arm, loadArms, selectArms } from "./arms.js";
import { type CommandLine, FULL_STUDY_SEEDS } from "./command-line.js";
import { loadDigits } from "./digits-data.js";
import { jobFactory } from "./jobs.js";
import { ARMS_FILE, DATA_FILE, TUNING_FILE, WORKER_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { checkSamples } from "./split.js";
import { describeVersions } from "./versions.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  checkSamples(line.samples);
  loadDigits(DATA_FILE);
  const arms = selectArms(
    loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE, configFile: line.config }),
    line.arms,
  );
  console.error(announcement(line, arms));
  const runs = await trainAll(line, arms, signal);
  const summaries = summarize(arms, runs);
  console.log(resultsTable(summaries));
  console.log(`\n${conclude(summaries).headline}\n`);
  for (const path of writeResults(line, arms, runs, summaries)) console.log(path);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

function announcement({ seeds, samples, epochs }: CommandLine, arms: readonly Arm[]): string {
  const scope = `${arms.length} arms × ${seeds} paired seeds, ${samples} training digits each, ${epochs} epochs`;
  return seeds < FULL_STUDY_SEEDS ? `${scope}. --seeds ${FULL_STUDY_SEEDS} is the full study.` : `${scope}.`;
}

async function trainAll(line: CommandLine, arms: readonly Arm[], signal: AbortSignal): Promise<SeededRun[]> {
  const makeJob = jobFactory();
  // Seed by seed, so that a study stopped half way holds whole pairs.
  const jobs = Array.from({ length: line.seeds }, (_, i) => i + 1).flatMap((seed) =>
    arms.map(({ name, config }) => makeJob(name, config, seed, line)),
  );
  const { results, resumed } = await runExperiment({
    jobs,
    worker: pathToFileURL(WORKER_FILE),
    logFile: join(line.out, "runs.jsonl"),
    parse: (value) => trainedRunSchema.parse(value),
    describe: ({ arm, seed }, run) =>
      `${arm}, seed ${seed}: ${formatFixed(run.testError)} % in ${formatFixed(run.seconds, 1)} s`,
    threads: line.workers,
    fresh: line.fresh,
    signal,
  });
  if (resumed > 0) console.error(`${resumed} runs were finished before; --fresh makes them again.`);
  return jobs.map(({ arm, seed }, i) => ({ arm, seed, run: results[i]! }));
}

function writeResults(
  line: CommandLine,
  arms: readonly Arm[],
  runs: readonly SeededRun[],
  summaries: readonly ArmSummary[],
): string[] {
  const machine = describeMachine();
  const versions = describeVersions();
  const date = new Date().toISOString();
  const study = { ...regime, seeds: line.seeds, samples: line.samples, epochs: line.epochs };
  const results = {
    date,
    machine,
    versions,
    backend: "tfjs wasm",
    study,
    arms: arms.map(({ name, label, role, config }) => ({ name, label, role, config })),
    conclusions: conclude(summaries),
    summaries: summaries.map(({ arm, ...numbers }) => ({ arm: arm.name, ...numbers })),
    runs,
  };
  const report = renderStudyReport({
    title: "Hyperspherical energy on real digits",
    setting: describeSetting(line),
    summaries,
    footer: [
      `Made ${date} on ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}.`,
      `${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")}; WebAssembly backend.`,
      "Data: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, CC BY 4.0.",
    ],
  });
  mkdirSync(line.out, { recursive: true });
  const files = { "results.json": `${JSON.stringify(results, null, 1)}\n`, "report.html": report };
  return Object.entries(files).map(([name, content]) => {
    const path = join(line.out, name);
    writeFileSync(path, content);
    return path;
  });
}

function describeSetting({ seeds, samples, epochs }: CommandLine): string[] {
  const layers = `64 – [${regime.hiddenUnits} ReLU] × ${regime.hiddenLayers} – ${regime.classes}`;
  return [
    `Real handwritten digits, 8 × 8 pixels. Of the first ${regime.poolRows} images, each of the ${seeds} seeds draws ${samples} to train on; the rest of them validates. The other 797, by other writers and harder, are the test set of every seed.`,
    `A plain deep network, ${layers}, on purpose short of data: the regime this regularizer is meant for. Stochastic gradient descent with momentum ${regime.momentum}, the learning rate falling to zero along a cosine, batches of ${regime.batchSize}, ${epochs} epochs. He initialization unless an arm says otherwise.`,
    "Regularizers act on all hidden layers, not on the output layer. Settings of the tuned arms were chosen on validation rows, on seeds other than those reported; the test rows had no part in it.",
    "Nothing here carries over by itself to other networks: not to shallow ones, not to ones with batch normalization, not to plenty of data.",
  ];
}
