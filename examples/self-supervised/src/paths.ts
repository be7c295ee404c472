/** Files of this example, found from the compiled file as well as from the source: both lie one folder down. */
import { fileURLToPath } from "node:url";

const inExample = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const DATA_FILE = inExample("../digits/data/digits.csv.gz");
export const ARMS_FILE = inExample("arms.json");
export const TUNING_FILE = inExample("tuning.json");
export const OUT_FOLDER = inExample("out");
export const WORKER_FILE = inExample("dist/worker.js");
/** Records of studies, one for each dimension, which the README shows. */
export const RESULTS_FOLDER = inExample("results");
