/** The command line. Results go to stdout, progress and messages to stderr. */
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  abortOnInterrupt,
  createStepProgress,
  describeVersions,
  filesDigest,
  INTERRUPTED_EXIT_CODE,
  runKey,
  type StepProgress,
  tellEnd,
} from "@comhe-examples/study-kit";
import { HELP, parseCommandLine, type RecordLine, type ReplaysLine, type RunLine } from "./command-line.js";
import { loadConfig } from "./config.js";
import { loadCifar } from "./data/cifar-data.js";
import { writeDigitPairs } from "./data/digit-pairs.js";
import { OUT_FOLDER } from "./paths.js";
import { writeReplaysPicture } from "./replay/picture.js";
import { record } from "./replay/record.js";
import { summarizeReplay } from "./replay/summary.js";
import { replaysSentence, replaysTable, shortReplaysTable } from "./replay/tables.js";
import { readRun, table, writeReport, writeRun } from "./result.js";
import { startBackend } from "./start-backend.js";
import { runStudy } from "./study/run-study.js";
import { parseStudyLine, STUDY_HELP } from "./study/study-line.js";
import { toResult } from "./to-result.js";
import { previousOf } from "./training/checkpoint-file.js";
import { runTraining } from "./training/run.js";

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "study") {
    const study = parseStudyLine(args.slice(1));
    if (study === undefined) console.log(STUDY_HELP);
    else await runStudy(study, abortOnInterrupt());
    return 0;
  }
  const line = parseCommandLine(args);
  if (line === undefined) {
    console.log(HELP);
    return 0;
  }
  if (line.command === "train") return train(line);
  if (line.command === "digit-pairs") {
    for (const path of writeDigitPairs(line.folder)) console.log(`Written: ${path}`);
    return 0;
  }
  if (line.command === "replays") {
    compareReplays(line);
    return 0;
  }
  if (line.command === "record") return startRecording(line);
  const results = line.runs.map(readRun);
  console.log(table(results));
  console.log(`Written: ${writeReport(join(line.out, "report.html"), results, describeVersions(import.meta.url))}`);
  return 0;
}

/** A table for the terminal, one for the README, and the picture. */
function compareReplays({ recordings, out }: ReplaysLine): void {
  const summaries = recordings.map(summarizeReplay);
  console.log(replaysTable(summaries));
  console.log(`\n${shortReplaysTable(summaries)}\n\n${replaysSentence(summaries)}\n`);
  console.log(`Written: ${writeReplaysPicture(join(out, "replays.svg"), recordings)}`);
  const file = join(out, "replays.json");
  writeFileSync(file, `${JSON.stringify(summaries, null, 1)}\n`);
  console.log(`Written: ${file}`);
}

async function startRecording({ run: line, folder }: RecordLine): Promise<number> {
  const data = loadCifar(line.data);
  await startBackend(line.prefer);
  const config = loadConfig(line.config, line.width);
  const progress = createStepProgress(line.steps, 0);
  try {
    await record(data, config, line, folder, (step) => progress.update(step));
  } finally {
    progress.stop();
  }
  console.log(`Written: ${folder}`);
  return 0;
}

async function train(line: RunLine): Promise<number> {
  const signal = abortOnInterrupt();
  const data = loadCifar(line.data);
  const backend = await startBackend(line.prefer);
  const config = loadConfig(line.config, line.width);
  const { seed, steps, batch, width, learningRate, augment, testImages } = line;
  const out = line.out ?? join(OUT_FOLDER, `${config.name}-${seed}`);
  const checkpoint = join(out, "checkpoint");
  if (line.fresh) for (const path of [checkpoint, previousOf(checkpoint)]) rmSync(path, { force: true });
  console.error(
    `${config.label}: ${data.training.count} training and ${data.test.count} test images (${data.format} format), ${steps} steps of ${batch}.`,
  );
  let progress: StepProgress | undefined;
  const outcome = await runTraining(data, {
    ...line,
    regularize: config.regularize,
    checkpoint,
    // How often is logged and tested is part of it: it is part of what the run leaves behind.
    key: runKey({
      ...{
        seed,
        steps,
        batch,
        width,
        learningRate,
        augment,
        testImages,
        testEvery: line.testEvery,
        logEvery: line.logEvery,
      },
      regularize: config.regularize ?? null,
      data: filesDigest(data.files),
      code: codeDigest(),
      backend,
    }),
    signal,
    hooks: {
      start(step) {
        if (step > 0) console.error(`Going on from the checkpoint of step ${step}.`);
        progress = createStepProgress(steps, step);
      },
      step: (step) => progress?.update(step),
      // The authors' code writes the same numbers, as fit, reg, thom, thomf and acc.
      log: ({ step, fit, decay, hidden, output, accuracy }) =>
        progress?.line(
          `step ${step}: cross-entropy ${fit.toFixed(4)}, weight decay ${decay.toFixed(4)}, energies of hidden layers ${hidden.toFixed(4)}, of the output layer ${output.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`,
          step + 1,
        ),
      tested: ({ step, accuracy }) => progress?.line(`step ${step}: test accuracy ${accuracy.toFixed(4)}`, step),
      warn: (text) => console.error(text),
    },
  }).finally(() => progress?.stop());
  if (!outcome.finished) {
    console.error(
      `Interrupted: step ${outcome.step} of ${steps} is kept in ${checkpoint}. The same command goes on from there.`,
    );
    return INTERRUPTED_EXIT_CODE;
  }
  const result = toResult(line, data, config, backend, outcome);
  console.log(table([result]));
  for (const path of writeRun(out, result, describeVersions(import.meta.url))) console.log(`Written: ${path}`);
  return outcome.history.diverged ? 1 : 0;
}

/** Of this file and of what it trains with: other code is another run. */
function codeDigest(): string {
  const packages = ["@comhe/core", "@comhe/tfjs", "@comhe-examples/study-kit/training"];
  return filesDigest([
    fileURLToPath(import.meta.url),
    ...packages.map((name) => dirname(fileURLToPath(import.meta.resolve(name)))),
  ]);
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, tellEnd);
