/** The whole study: every arm on every seed, then the table, the results file and the report. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describeVersions, runPairedStudy, selectArms, serveStudies } from "@comhe-examples/study-kit";
import { loadArms } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { type FashionData, loadFashion } from "./fashion-data.js";
import { jobFactory, studyIdentity } from "./jobs.js";
import { ARMS_FILE, WORKER_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { checkSamples } from "./sample.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const data = loadFashion(line.data);
  const folder = resolve(line.data);
  const [identity, worker, own] = [studyIdentity(folder), pathToFileURL(WORKER_FILE), { data: folder }];
  if (line.serve !== undefined) {
    const studies = [identity];
    const made = await serveStudies({ studies, worker, own, server: line.serve, threads: line.workers, signal });
    console.error(`Stopped after ${made} runs.`);
    return;
  }
  checkSamples(data.training, line.samples);
  const arms = selectArms(loadArms(ARMS_FILE, line.config), line.arms);
  console.error(
    `${arms.length} arms × ${line.seeds} paired seeds, ${line.samples} training images each, ${line.epochs} epochs.`,
  );
  const makeJob = jobFactory(folder);
  await runPairedStudy({
    arms,
    seeds: line.seeds,
    makeJob: (arm, seed) => makeJob(arm, seed, line),
    worker,
    identity,
    own,
    on: line.on,
    threads: line.workers,
    out: line.out,
    fresh: line.fresh,
    signal,
    title: "Hyperspherical energy on Fashion-MNIST",
    setting: describeSetting(line, data),
    source: "Data: Fashion-MNIST, H. Xiao, K. Rasul and R. Vollgraf, Zalando Research, 2017, MIT licence.",
    study: { ...regime, samples: line.samples, epochs: line.epochs },
    describeArm: ({ regularize }) => ({ regularize }),
    versions: describeVersions(import.meta.url),
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
