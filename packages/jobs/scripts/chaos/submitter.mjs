/** Whoever waits for the plan, as a process that may be killed. `submitter.mjs ADDRESS PLAN RESULTS`: exits with 0 once all is there. */
import { readFileSync } from "node:fs";
import { checkPlan } from "@comhe/jobs";
import { connectTo, submit } from "@comhe/jobs/nats";
import { folderStore, PieceThread } from "@comhe/jobs/node";

const [address, file, results] = process.argv.slice(2);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const plan = checkPlan(JSON.parse(readFileSync(file, "utf8")));
const thread = new PieceThread(new URL("./thread.mjs", import.meta.url), {
  backend: "native",
  allow: [],
  mostBytes: undefined,
});
const connection = await connectTo(address, { env: {}, onWaiting: () => {} });
const outcome = await submit(connection, plan, {
  ...{ store: await folderStore(results), tries: 1000, patience: 2000 },
  check: { share: 1, thread, onBanned: (worker) => say({ banned: worker }) },
  onLog: (log) => say({ log }),
  onConflict: (conflict) => say({ conflict }),
  onProgress: ({ done }) => say({ done }),
});
say({ outcome });
process.exit(outcome.failed.length === 0 && !outcome.interrupted ? 0 : 1);
