/** A worker thread: its own tfjs backend and its own copy of the data; trains what it is sent. */
import "@tensorflow/tfjs-backend-wasm";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { wasmBackend } from "@comhe/wasm";
import { serveRuns, UserError } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import { loadDigits } from "../../digits/src/digits-data.js";
import { prepareImages } from "./images.js";
import { DATA_FILE } from "./paths.js";
import { type TrainingJob, trainEncoder } from "./train.js";

const images = prepareImages(loadDigits(DATA_FILE));
// Runs are spread over workers, each of which computes on one thread. Baseline SIMD: with the fused operations of the relaxed build, engines may
// differ in the last digit.
const backend = wasmBackend({ threads: 1, build: "baseline" });

async function start(): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend("wasm"))) throw new UserError('TensorFlow.js can\'t start its "wasm" backend here.');
  await tf.ready();
  enableWasmTraining();
}

const ready = start();

serveRuns(async (payload, report) => {
  await ready;
  return trainEncoder(images, payload as TrainingJob, backend, report);
});
