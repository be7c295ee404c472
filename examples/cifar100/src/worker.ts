/** A worker thread of a study: its own TensorFlow.js and its own copy of the images; trains what it is sent. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { runKey, serveRuns, UserError } from "@comhe-examples/study-kit/worker";
import { type CifarData, loadCifar } from "./data/cifar-data.js";
import { startBackend } from "./start-backend.js";
import type { StudyJob, StudyOwn } from "./study/study-job.js";
import { toResult } from "./to-result.js";
import { previousOf } from "./training/checkpoint-file.js";
import { runTraining } from "./training/run.js";

let images: CifarData | undefined;
let started: Promise<string> | undefined;

serveRuns<StudyOwn>(async (payload, report, own) => {
  const { config, settings } = payload as StudyJob;
  started ??= startBackend(own.prefer, () => {});
  const backend = await started;
  if (backend !== own.backend) throw new UserError(`expected the backend ${own.backend}, got ${backend}.`);
  images ??= loadCifar(own.data);
  const name = runKey(payload);
  const checkpoint = join(own.checkpoints, name);
  const outcome = await runTraining(images, {
    ...{ ...settings, regularize: config.regularize, checkpoint, checkpointEvery: own.checkpointEvery },
    key: runKey({ run: name, code: own.code }),
    // The thread is ended where the run isn't wanted any more; what its last checkpoint holds stays.
    signal: new AbortController().signal,
    hooks: {
      start() {},
      step: (step) => report(step / settings.steps),
      log() {},
      tested() {},
      warn: (line) => process.stderr.write(`${config.name}, seed ${settings.seed}: ${line}\n`),
    },
  });
  for (const path of [checkpoint, previousOf(checkpoint)]) rmSync(path, { force: true });
  return toResult(settings, images, config, backend, outcome);
});
