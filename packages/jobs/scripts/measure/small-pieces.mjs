/** `small-pieces.mjs submit|feed ADDRESS FOLDER`: both sides of a plan of 100,576 pieces. */
import { pairsOf, pieceAt, pieceCount, pieceName, planName, planTable } from "@comhe/jobs";
import { connectTo, NatsStore, namesOf, submit } from "@comhe/jobs/nats";
import { folderStore } from "@comhe/jobs/node";
import { Kvm } from "@nats-io/kv";

const [role, address, folder] = process.argv.slice(2);
const plan = planTable({ space: "half" }, { seed: 1, count: 44_800, dim: 4 }, { block: 100, strip: 1 });
const connection = await connectTo(address, { env: {} });
if (role === "submit") {
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 100);
  const begin = performance.now();
  const { done } = await submit(connection, plan, { store: await folderStore(folder) });
  clearInterval(watching);
  console.log(
    `submitter: ${done} pieces in ${((performance.now() - begin) / 1000).toFixed(0)} s, at most ${(most / 1e6).toFixed(0)} MB of memory (resident, all of Node)`,
  );
  process.exit();
}
const { results } = namesOf(await planName(plan));
const buckets = new Kvm(connection);
let bucket;
while (bucket === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  const opened = await buckets.open(results);
  bucket = await opened.status().then(
    () => opened,
    () => undefined,
  );
}
const store = new NatsStore(bucket, () => Promise.reject(new Error("none is large")));
let waiting = [];
for (let n = 0; n < pieceCount(plan); n++) {
  const piece = pieceAt(plan, n);
  const value = { energy: 1, pairs: pairsOf(plan, piece.task), self: 0, dead: 0 };
  waiting.push(
    store
      .put({ piece: await pieceName(plan, piece), by: { worker: "feed", backend: "none" }, milliseconds: 0, value })
      .catch(() => {}),
  );
  if (waiting.length < 200) continue;
  await Promise.all(waiting);
  waiting = [];
}
await Promise.all(waiting);
process.exit();
