/** `npm run test:tfjs-node` at the root: sets tfjs-node up, then runs the tests named in vitest.config.ts on it. */
import { spawnSync } from "node:child_process";
import { cache, setUp } from "./set-up.mjs";

setUp();
const { status } = spawnSync("npx", ["vitest", "run", "--root", import.meta.dirname, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, COMHE_TFJS_NODE_CACHE: cache, TF_CPP_MIN_LOG_LEVEL: "3" },
});
process.exit(status ?? 1);
