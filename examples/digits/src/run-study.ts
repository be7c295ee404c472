/** The main job: every arm on every seed, then the table, the results file and the report. */
import { pathToFileURL } from "node:url";
import { describeVersions, runPairedStudy, serveStudies } from "@comhe-examples/study-kit";
import { type Arm, chooseArms, loadArms } from "./arms.js";
import { type CommandLine, FULL_STUDY_SEEDS } from "./command-line.js";
import { loadDigits } from "./digits-data.js";
import { jobFactory, studyIdentity } from "./jobs.js";
import { ARMS_FILE, DATA_FILE, TUNING_FILE, WORKER_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { checkSamples } from "./split.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const [identity, worker] = [studyIdentity(), pathToFileURL(WORKER_FILE)];
  if (line.serve !== undefined) {
    const made = await serveStudies({ studies: [identity], worker, server: line.serve, threads: line.workers, signal });
    console.error(`Stopped after ${made} runs.`);
    return;
  }
  checkSamples(line.samples);
  loadDigits(DATA_FILE);
  const shown = loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE, configFile: line.config });
  const arms = chooseArms(shown, line.arms);
  console.error(announcement(line, arms));
  const makeJob = jobFactory();
  await runPairedStudy({
    arms,
    seeds: line.seeds,
    makeJob: ({ name, config }, seed) => makeJob(name, config, seed, line),
    worker,
    identity,
    on: line.on,
    threads: line.workers,
    out: line.out,
    fresh: line.fresh,
    signal,
    title: "Hyperspherical energy on real digits",
    setting: describeSetting(line),
    source: "Data: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, CC BY 4.0.",
    study: { ...regime, samples: line.samples, epochs: line.epochs },
    describeArm: ({ config }) => ({ config }),
    versions: describeVersions(import.meta.url),
  });
}

function announcement({ seeds, samples, epochs }: CommandLine, arms: readonly Arm[]): string {
  const scope = `${arms.length} arms × ${seeds} paired seeds, ${samples} training digits each, ${epochs} epochs`;
  return seeds < FULL_STUDY_SEEDS ? `${scope}. --seeds ${FULL_STUDY_SEEDS} is the full study.` : `${scope}.`;
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
