/** What a worker needs before it can train: the data, tfjs on its wasm backend, and a backend for the energies. */
import "@tensorflow/tfjs-backend-wasm";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { wasmBackend } from "@comhe/wasm";
import { type ReportProgress, UserError } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import { loadDigits } from "../../digits/src/digits-data.js";
import { prepareImages } from "./images.js";
import type { Run } from "./result.js";
import { type TrainingJob, trainEncoder } from "./train.js";

/** Resolves to what makes a run. */
export async function openEncoder(dataFile: string): Promise<(job: TrainingJob, report?: ReportProgress) => Run> {
  const images = prepareImages(loadDigits(dataFile));
  // Runs are spread over workers, each of which computes on one thread. Baseline SIMD: with the fused operations of the relaxed build, engines may
  // differ in the last digit.
  const backend = wasmBackend({ threads: 1, build: "baseline" });
  tf.enableProdMode();
  if (!(await tf.setBackend("wasm"))) throw new UserError('TensorFlow.js can\'t start its "wasm" backend here.');
  await tf.ready();
  enableWasmTraining();
  return (job, report) => trainEncoder(images, job, backend, report);
}
