/** Files of this example, found from the compiled file as well as from the source: both lie one folder down. */
import { fileURLToPath } from "node:url";

const inExample = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const CONFIG_FOLDER = inExample("configs");
/** The data of the digits study. */
export const DIGITS_FILE = inExample("../digits/data/digits.csv.gz");
export const OUT_FOLDER = inExample("out");
/** The worker threads of a study. */
export const WORKER_FILE = inExample("dist/worker.js");
export const README_FILE = inExample("README.md");
/** What came of the replays that the README shows. */
export const REPLAYS_FILE = inExample("replays.json");
