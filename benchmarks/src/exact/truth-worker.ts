import { parentPort, workerData } from "node:worker_threads";
import { layerTruths } from "./layer-truths.js";
import type { TruthRequest } from "./truth.js";

parentPort!.postMessage(await layerTruths(workerData as TruthRequest));
