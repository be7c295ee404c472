/** A worker thread: its own tfjs backend and its own copy of the data; trains what it is sent. */
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { serveRuns } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { type FashionData, loadFashion } from "./fashion-data.js";
import { type TrainingJob, trainFashion } from "./train.js";

let data: FashionData | undefined;

/** The data lie where this machine's owner says, whoever asks for a run. */
serveRuns<{ readonly data: string }>(async (payload, report, own) => {
  await startBackend();
  data ??= loadFashion(own.data);
  return trainFashion(data, payload as TrainingJob, report);
});

async function startBackend(): Promise<void> {
  enableWasmTraining();
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js can't start its wasm backend here.");
}
