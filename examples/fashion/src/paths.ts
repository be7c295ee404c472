/** Files of this example, found from the compiled file as well as from the source: both lie one folder down. */
import { fileURLToPath } from "node:url";

const inExample = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const ARMS_FILE = inExample("arms.json");
export const OUT_FOLDER = inExample("out");
export const WORKER_FILE = inExample("dist/worker.js");

/** Where Debian's package puts the data. */
export const DEBIAN_DATA_FOLDER = "/usr/share/datasets/fashion-mnist";
