/** Pieces of 2 s, by the local runner and by a server with a worker on the same cores, one after the other, in turns. */
import { memoryStore, pieceCount, planTable } from "@comhe/jobs";
import { connectTo, submit, work } from "@comhe/jobs/nats";
import { runLocally } from "@comhe/jobs/node";
import { startServer } from "./server.mjs";

export async function measureOverhead() {
  const entry = new URL("./sleeping-thread.mjs", import.meta.url);
  const { address, close } = await startServer();
  // Runs of 2 s that only wait: what is left is the engine's own time, whoever else is at the machine.
  const runs = Array.from({ length: 20 }, (_, n) => ({ key: `run-${n}`, payload: 2000 }));
  const { planStudy } = await import("@comhe/jobs");
  const plan = planStudy("sleep", "00000000", runs);
  let begin = performance.now();
  await runLocally(plan, { store: memoryStore(), threads: 2, entry });
  const local = (performance.now() - begin) / 1000;
  const controller = new AbortController();
  const connection = await connectTo(address, { env: {} });
  const working = work(connection, { entry, threads: 2, signal: controller.signal });
  // A plan of another kind first, so that threads run and the worker has looked at the board.
  const warm = planTable({ space: "half" }, { seed: 1, count: 100, dim: 4 }, { block: 50 });
  await submit(await connectTo(address, { env: {} }), warm, { store: memoryStore() });
  begin = performance.now();
  let last = 0;
  const waiting = await connectTo(address, { env: {} });
  let first = 0;
  await submit(waiting, plan, {
    store: memoryStore(),
    onProgress({ done }) {
      if (done > 0 && first === 0) first = performance.now();
      if (done < runs.length) last = performance.now();
    },
  });
  const engine = (performance.now() - begin) / 1000;
  console.log(
    `overhead: ${pieceCount(plan)} pieces of 2 s on two threads: local runner ${local.toFixed(2)} s, engine ${engine.toFixed(2)} s from submission to the end ` +
      `(${((100 * (engine - local)) / local).toFixed(1)} %), ${(engine - 0).toFixed(2)} s with the look at the board; first result after ${((first - begin) / 1000).toFixed(2)} s, last word ${((last - begin) / 1000).toFixed(2)} s`,
  );
  controller.abort();
  await working;
  close();
}
