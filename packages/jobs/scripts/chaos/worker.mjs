/** A worker, as a process of its own that may be killed. `worker.mjs ADDRESS NAME` */
import { connectTo, work } from "@comhe/jobs/nats";

const [address, name] = process.argv.slice(2);
const connection = await connectTo(address, { env: {}, onWaiting: () => {} });
await work(connection, {
  ...{ name, threads: 1, entry: new URL("./thread.mjs", import.meta.url) },
  onLog: (line) => process.stdout.write(`${name}: ${line}\n`),
});
process.exit();
