/** Pieces of 2 s by the local runner, and by a server with a worker: each by itself, so that one run is half a minute. */
import { memoryStore, planStudy } from "@comhe/jobs";
import { connectTo, submit, work } from "@comhe/jobs/nats";
import { runLocally } from "@comhe/jobs/node";
import { startServer } from "./server.mjs";

const [pieces, threads, milliseconds] = [40, 4, 2000];
const entry = new URL("./sleeping-thread.mjs", import.meta.url);
const ideal = (pieces / threads) * (milliseconds / 1000);
const what = `${pieces} pieces of ${milliseconds / 1000} s on ${threads} threads, ${ideal} s at best`;
const share = (seconds) => `${seconds.toFixed(2)} s (${(100 * (seconds / ideal - 1)).toFixed(1)} % over it)`;

const plan = (name) =>
  planStudy(
    "sleep",
    "00000000",
    Array.from({ length: pieces }, (_, n) => ({ key: `${name}-${n}`, payload: milliseconds })),
  );

async function timed(body) {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  await body();
  const { user, system } = process.cpuUsage(before);
  const end = performance.now();
  return { begin, end, seconds: (end - begin) / 1000, cpu: ((user + system) / 1000 / pieces).toFixed(0) };
}

export async function measureLocalRunner() {
  const { seconds, cpu } = await timed(() => runLocally(plan("local"), { store: memoryStore(), threads, entry }));
  console.log(`overhead: ${what}; local runner ${share(seconds)}, ${cpu} ms of CPU time a piece`);
}

export async function measureEngine() {
  const server = await startServer();
  const controller = new AbortController();
  const connections = [await connectTo(server.address, { env: {} }), await connectTo(server.address, { env: {} })];
  const done = [];
  const working = work(connections[0], {
    ...{ entry, threads, signal: controller.signal },
    onPiece: (_, took) => done.push({ from: performance.now() - took, to: performance.now() }),
  });
  const { begin, end, seconds, cpu } = await timed(() =>
    submit(connections[1], plan("engine"), { store: memoryStore() }),
  );
  controller.abort();
  await working;
  server.close();
  const [first, last] = [Math.min(...done.map(({ from }) => from)), Math.max(...done.map(({ to }) => to))];
  console.log(
    `overhead: ${what}; engine, from submission to the end ${share(seconds)}: ${((first - begin) / 1000).toFixed(2)} s to the first piece, ${((end - last) / 1000).toFixed(2)} s after the last; ${cpu} ms of CPU time a piece in worker and submitter`,
  );
}
