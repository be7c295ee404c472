/** A worker thread: its own tfjs backend and its own copy of the data; trains what it is sent. */
import { serveRuns } from "@comhe-examples/study-kit/worker";
import { openEncoder } from "./open-encoder.js";
import { DATA_FILE } from "./paths.js";
import type { TrainingJob } from "./train.js";

const ready = openEncoder(DATA_FILE);

serveRuns(async (payload, report) => (await ready)(payload as TrainingJob, report));
