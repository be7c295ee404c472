/** A worker thread: its own tfjs backend and its own copy of the data; trains what it is sent. */
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { serveRuns } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { type FashionData, loadFashion } from "./fashion-data.js";
import { type TrainingJob, trainFashion } from "./train.js";

/** What the main thread sends: the job, and where the data is. */
export interface WorkerJob {
  readonly data: string;
  readonly job: TrainingJob;
}

let loaded: { readonly folder: string; readonly data: FashionData } | undefined;

serveRuns(async (payload, report) => {
  const { data, job } = payload as WorkerJob;
  await startBackend();
  if (loaded?.folder !== data) loaded = { folder: data, data: loadFashion(data) };
  return trainFashion(loaded.data, job, report);
});

async function startBackend(): Promise<void> {
  enableWasmTraining();
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js can't start its wasm backend here.");
}
