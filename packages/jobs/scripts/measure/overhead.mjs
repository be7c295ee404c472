/** Pieces of 2 s by the local runner, and by a server with a worker, one after the other. */
import { memoryStore, planStudy } from "@comhe/jobs";
import { connectTo, submit, work } from "@comhe/jobs/nats";
import { runLocally } from "@comhe/jobs/node";
import { startServer } from "./server.mjs";

const [pieces, threads, milliseconds] = [40, 4, 2000];

export async function measureOverhead() {
  const entry = new URL("./sleeping-thread.mjs", import.meta.url);
  const plan = (name) =>
    planStudy(
      "sleep",
      "00000000",
      Array.from({ length: pieces }, (_, n) => ({ key: `${name}-${n}`, payload: milliseconds })),
    );
  const timed = async (what) => {
    const [begin, before] = [performance.now(), process.cpuUsage()];
    await what();
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 };
  };
  const local = await timed(() => runLocally(plan("local"), { store: memoryStore(), threads, entry }));

  const server = await startServer();
  const controller = new AbortController();
  const connections = [await connectTo(server.address, { env: {} }), await connectTo(server.address, { env: {} })];
  const between = [];
  let last;
  const working = work(connections[0], {
    ...{ entry, threads, signal: controller.signal },
    onPiece: (_, milliseconds) => {
      between.push({ at: performance.now(), milliseconds });
      last = performance.now();
    },
  });
  const engine = await timed(() => submit(connections[1], plan("engine"), { store: memoryStore() }));
  controller.abort();
  await working;
  server.close();
  // From the first piece's start to the last one's end: without the look at the board in the beginning, and the cleaning up in the end.
  const first = Math.min(...between.map(({ at, milliseconds }) => at - milliseconds));
  const ideal = (pieces / threads) * (milliseconds / 1000);
  const share = (seconds) => `${(100 * (seconds / ideal - 1)).toFixed(1)} %`;
  console.log(`overhead: ${pieces} pieces of ${milliseconds / 1000} s on ${threads} threads, ${ideal} s at best`);
  console.log(`  local runner: ${local.seconds.toFixed(2)} s (${share(local.seconds)} over it)`);
  console.log(
    `  engine, while pieces are done: ${((last - first) / 1000).toFixed(2)} s (${share((last - first) / 1000)} over it)`,
  );
  console.log(
    `  engine, from submission to the end: ${engine.seconds.toFixed(2)} s; CPU time of worker and submitter: ${((1000 * engine.cpu) / pieces).toFixed(0)} ms a piece, local runner ${((1000 * local.cpu) / pieces).toFixed(0)} ms`,
  );
}
