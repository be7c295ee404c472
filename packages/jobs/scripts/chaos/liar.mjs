/** A worker that nobody vouches for: its first result is right, every other one is wrong by a thousandth. `liar.mjs ADDRESS PLAN RIGHT NAME` */
import { readFileSync } from "node:fs";
import { checkPlan, encodeResult, pieceNames, planName } from "@comhe/jobs";
import { claimHeader, connectTo, namesOf } from "@comhe/jobs/nats";
import { folderStore } from "@comhe/jobs/node";
import { headers } from "@nats-io/nats-core";

const [address, file, right, worker] = process.argv.slice(2);
const plan = checkPlan(JSON.parse(readFileSync(file, "utf8")));
const [store, pieces] = [await folderStore(right), await pieceNames(plan)];
const connection = await connectTo(address, { env: {}, onWaiting: () => {} });
const { claims } = namesOf(await planName(plan));
for (let n = 0; ; n++) {
  const result = await store.get(pieces[(n * 37 + 5) % pieces.length]);
  const value = { ...result.value, energy: result.value.energy * (n === 0 ? 1 : 1.001) };
  const about = headers();
  about.set(claimHeader, result.piece);
  const bytes = await encodeResult({
    ...result,
    value,
    by: { worker: `${worker}-${Math.floor(n / 10)}`, backend: "liar" },
  });
  const answer = await connection.request(claims, bytes, { headers: about, timeout: 3000 }).catch(() => undefined);
  if (answer?.string().startsWith("refused")) process.stdout.write(`${answer.string()}\n`);
  await new Promise((resolve) => setTimeout(resolve, 300));
}
