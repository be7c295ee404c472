/** Several configs on several seeds: in worker threads, on a server's machines, or in shares of a folder. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  describeVersions,
  filesDigest,
  formatFixed,
  type Job,
  runExperiment,
  runKey,
  serveStudies,
} from "@comhe-examples/study-kit";
import type { RunSettings } from "../command-line.js";
import { loadConfig } from "../config.js";
import { loadCifar } from "../data/cifar-data.js";
import { WORKER_FILE } from "../paths.js";
import { table, testError, writeReport } from "../result.js";
import { resultSchema } from "../result-schema.js";
import { startBackend } from "../start-backend.js";
import type { StudyJob, StudyOwn } from "./study-job.js";
import type { StudyLine } from "./study-line.js";

export async function runStudy(line: StudyLine, signal: AbortSignal): Promise<void> {
  const { run, out, workers: threads } = line;
  const { files } = loadCifar(run.data);
  // Which one it is belongs to what a run depends on: another backend rounds otherwise.
  const backend = await startBackend(run.prefer);
  const determinants = { data: filesDigest(files), code: codeDigest(), backend, node: process.version };
  const identity = { name: "cifar100", code: runKey(determinants) };
  const worker = pathToFileURL(WORKER_FILE);
  const own: StudyOwn = {
    ...{ data: resolve(run.data), prefer: run.prefer, backend, code: identity.code },
    checkpoints: join(resolve(out), "checkpoints"),
    checkpointEvery: run.checkpointEvery,
  };
  if (line.serve !== undefined) {
    const made = await serveStudies({ studies: [identity], worker, own, server: line.serve, threads, signal });
    console.error(`Stopped after ${made} runs.`);
    return;
  }
  const configs = line.configs.map((file) => loadConfig(file, run.width));
  const seeds = Array.from({ length: line.seeds }, (_, n) => run.seed + n);
  console.error(`${configs.length} configs × ${seeds.length} paired seeds, ${run.steps} steps of ${run.batch} images.`);
  // Seed by seed, so that a study stopped half way holds whole pairs.
  const jobs = seeds.flatMap((seed) =>
    configs.map((config): Job => {
      const payload: StudyJob = { config, settings: settingsOf(run, seed) };
      const { regularize = null } = config;
      return { key: runKey({ ...payload.settings, regularize, ...determinants }), arm: config.name, seed, payload };
    }),
  );
  const { results, resumed } = await runExperiment({
    ...{ jobs, worker, own, threads, signal, study: identity, on: line.on },
    logFile: join(out, "runs.jsonl"),
    parse: (value) => resultSchema.parse(value),
    describe: ({ arm, seed }, result) =>
      `${arm}, seed ${seed}: ${formatFixed(testError(result))} % test error after ${formatFixed(result.seconds, 1)} s`,
  });
  if (resumed > 0) console.error(`${resumed} runs were finished before.`);
  console.log(table(results));
  console.log(`Written: ${writeReport(join(out, "report.html"), results, describeVersions(import.meta.url))}`);
}

function settingsOf(run: RunSettings, seed: number): RunSettings {
  const { steps, batch, width, learningRate, augment, testImages, testEvery, logEvery } = run;
  return { seed, steps, batch, width, learningRate, augment, testImages, testEvery, logEvery };
}

/** The worker's file, and the packages that it trains with. */
function codeDigest(): string {
  const packages = ["@comhe/core", "@comhe/tfjs"].map((name) => dirname(fileURLToPath(import.meta.resolve(name))));
  return filesDigest([WORKER_FILE, ...packages]);
}
