/** Files of this example, found from the compiled file as well as from the source: both lie one folder down. */
import { fileURLToPath } from "node:url";

const inExample = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const OUT_FOLDER = inExample("out");
export const WORKER_FILE = inExample("dist/worker.js");
export const DIGITS_FILE = inExample("../digits/data/digits.csv.gz");
/** What the README and the page "Does it help me?" show, as `run` wrote it. */
export const RECORD_FILE = inExample("results.json");
