/** A worker thread: its own tfjs backend and its own copy of the data; trains what it is sent. */
import { serveRuns } from "@comhe-examples/study-kit/worker";
import { loadDigits } from "./digits-data.js";
import { DATA_FILE } from "./paths.js";
import { useBackend } from "./tfjs-backend.js";
import { type TrainingJob, trainDigits } from "./train.js";

const digits = loadDigits(DATA_FILE);
const ready = useBackend("wasm");

serveRuns(async (payload, report) => {
  await ready;
  return trainDigits(digits, payload as TrainingJob, report);
});
