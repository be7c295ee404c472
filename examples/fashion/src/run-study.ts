/** The whole study: every arm on every seed, then the table, the results file and the report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
import type { CommandLine } from "./command-line.js";
import { type FashionData, loadFashion } from "./fashion-data.js";
import { jobFactory } from "./jobs.js";
import { ARMS_FILE, WORKER_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { checkSamples } from "./sample.js";
import { describeVersions } from "./versions.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const data = loadFashion(line.data);
  checkSamples(data.training, line.samples);
  const arms = selectArms(loadArms(ARMS_FILE, line.config), line.arms);
  console.error(
    `${arms.length} arms × ${line.seeds} paired seeds, ${line.samples} training images each, ${line.epochs} epochs.`,
  );
  const runs = await trainAll(line, arms, signal);
  const summaries = summarize(arms, runs);
  console.log(resultsTable(summaries));
  console.log(`\n${conclude(summaries).headline}\n`);
  for (const path of writeResults(line, data, arms, runs, summaries)) console.log(path);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function trainAll(line: CommandLine, arms: readonly Arm[], signal: AbortSignal): Promise<SeededRun[]> {
  const makeJob = jobFactory(resolve(line.data));
  // Seed by seed, so that a study stopped half way holds whole pairs.
  const jobs = Array.from({ length: line.seeds }, (_, i) => i + 1).flatMap((seed) =>
    arms.map((arm) => makeJob(arm, seed, line)),
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
  data: FashionData,
  arms: readonly Arm[],
  runs: readonly SeededRun[],
  summaries: readonly ArmSummary[],
): string[] {
  const machine = describeMachine();
  const versions = describeVersions();
  const date = new Date().toISOString();
  const results = {
    date,
    machine,
    versions,
    backend: "tfjs wasm",
    study: { ...regime, seeds: line.seeds, samples: line.samples, epochs: line.epochs },
    arms: arms.map(({ name, label, role, regularize }) => ({ name, label, role, regularize })),
    conclusions: conclude(summaries),
    summaries: summaries.map(({ arm, ...numbers }) => ({ arm: arm.name, ...numbers })),
    runs,
  };
  const report = renderStudyReport({
    title: "Hyperspherical energy on Fashion-MNIST",
    setting: describeSetting(line, data),
    summaries,
    footer: [
      `Made ${date} on ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}.`,
      `${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")}; WebAssembly backend.`,
      "Data: Fashion-MNIST, H. Xiao, K. Rasul and R. Vollgraf, Zalando Research, 2017, MIT licence.",
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

function describeSetting({ seeds, samples, epochs }: CommandLine, { training, test }: FashionData): string[] {
  return [
    `Fashion-MNIST, 28 × 28 pixels, ten classes. Of the ${training.count} training images, each of the ${seeds} seeds draws ${samples} to train on and ${regime.validation} others to validate on; the ${test.count} test images are the same for every seed.`,
    `A plain convolutional network: 3 × 3 × 32 – max pooling – 3 × 3 × 64 – max pooling – dense 128 – 10. Stochastic gradient descent with momentum ${regime.momentum}, the learning rate falling from ${regime.learningRate} to zero along a cosine, batches of ${regime.batchSize}, ${epochs} epochs, weight decay ${regime.weightDecay}, He initialization.`,
    "Energies are added by regularizeModel as the authors do: hidden layers in half space, the first of them never projected, the output layer in full space.",
    "Expect little: the gain known from the literature is one of large networks trained for long, and small convolutional networks like this one gain little or nothing. What this study does show is a convolutional network trained with the regularizer on WebAssembly, and the energies falling.",
  ];
}
