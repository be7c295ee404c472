/**
 * Three servers on loopback that keep three copies of everything: one is killed with -9 while pieces are done, and the total is what it would have
 * been. A minute, so it is asked for: `npm run test:cluster --workspace=packages/jobs`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  memoryStore,
  pieceCount,
  pieceNames,
  planTable,
  type ResultStore,
  reduceTable,
  stripOf,
} from "../src/index.js";
import { connectTo, submit, work } from "../src/nats.js";
import { runLocally } from "../src/node.js";
import { freePort, noServer, startServer, type TestServer } from "./support/server.js";

const missing = process.env.COMHE_CLUSTER ? noServer() : "asked for by COMHE_CLUSTER=1";
if (missing) console.warn(`the cluster: skipped, ${missing}`);

const entry = new URL("../dist/thread-entry.js", import.meta.url);
const plan = planTable({ space: "half" }, { seed: 7, count: 4000, dim: 16 }, { block: 100, strip: 5 });

async function totalOf(store: ResultStore) {
  const results = await Promise.all((await pieceNames(plan)).map(async (name) => (await store.get(name))!));
  return reduceTable(plan, results.map(stripOf));
}

describe.skipIf(missing !== undefined)("a cluster of three", () => {
  let servers: TestServer[] = [];
  beforeAll(async () => {
    const [ports, routes] = [await freePorts(3), await freePorts(3)];
    const others = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
    servers = await Promise.all(
      ports.map((port, n) =>
        startServer(
          `server_name: s${n}\ncluster { name: comhe, listen: "127.0.0.1:${routes[n]}", routes: [${others}] }`,
          port,
        ),
      ),
    );
  }, 60_000);
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  it.each([0, 1, 2])(
    "loses server %i, and nothing else",
    async (killed) => {
      const address = servers.map((server) => server.address).join(",");
      const connect = () => connectTo(address, { env: {}, onWaiting: () => {} });
      const local = memoryStore();
      await runLocally(plan, { store: local, threads: 1, entry, backend: "reference" });
      const [owner, helpers] = [await connect(), [await connect(), await connect()]];
      const controller = new AbortController();
      const working = helpers.map((helper) =>
        work(helper, { entry, threads: 1, backend: "reference", signal: controller.signal }),
      );
      const store = memoryStore();
      let dead: Promise<void> | undefined;
      const outcome = await submit(owner, plan, {
        ...{ store, replicas: 3, patience: 3000 },
        onProgress({ done, of }) {
          if (done > of / 4) dead ??= servers[killed]!.kill();
        },
      });
      expect(outcome).toMatchObject({ done: pieceCount(plan), failed: [], interrupted: false, cancelled: false });
      expect(dead).toBeDefined();
      expect(await totalOf(store)).toEqual(await totalOf(local));
      controller.abort();
      await Promise.all(working);
      for (const connection of [owner, ...helpers]) await connection.close();
      await servers[killed]!.start();
    },
    120_000,
  );
});

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  return ports;
}
