/** The engine on a real server: the same bits as on this machine, whatever dies and whoever lies. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, referenceBackend } from "@comhe/core";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  encodeResult,
  memoryStore,
  type Plan,
  pieceCount,
  pieceNames,
  planName,
  planStudy,
  planTable,
  type ResultStore,
  reduceTable,
  type StoredResult,
  stripOf,
  type TablePlan,
} from "../src/index.js";
import {
  Board,
  cancelPlan,
  claimHeader,
  connectTo,
  findPlan,
  namesOf,
  resumePlan,
  type SubmitOptions,
  statusOf,
  submit,
  type WorkerOptions,
  work,
  workAsGuest,
} from "../src/nats.js";
import { folderStore, PieceThread, runLocally } from "../src/node.js";
import { noServer, startServer, type TestServer } from "./support/server.js";

const missing = noServer();
if (missing) console.warn(`the engine on a server: skipped, ${missing}`);

const entry = new URL("../dist/thread-entry.js", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "comhe-engine-"));
const energy = { potential: { kind: "riesz", s: 2 }, space: "half" } as const;
let seed = 0;
const tableOf = (options: { gradient?: boolean; block?: number; count?: number } = {}) =>
  planTable(energy, { seed: ++seed, count: options.count ?? 900, dim: 8 }, { block: 100, strip: 3, ...options });

describe.skipIf(missing !== undefined)("the engine", () => {
  let server: TestServer;
  const open: { connection: NatsConnection; controller: AbortController; ended: Promise<unknown> }[] = [];
  beforeAll(async () => {
    server = await startServer();
  });
  afterEach(async () => {
    for (const { controller } of open) controller.abort();
    for (const { connection, ended } of open.splice(0)) {
      await ended.catch(() => {});
      await connection.close();
    }
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  async function startWorker(options: WorkerOptions = {}) {
    const connection = await connectTo(server.address, { env: {} });
    const controller = new AbortController();
    const ended = work(connection, { entry, threads: 1, backend: "reference", signal: controller.signal, ...options });
    open.push({ connection, controller, ended });
    return { connection, controller, ended };
  }

  async function submitTo(plan: Plan, options: Partial<SubmitOptions> = {}) {
    const connection = await connectTo(server.address, { env: {} });
    const controller = new AbortController();
    const store = options.store ?? memoryStore();
    const ended = submit(connection, plan, { patience: 2000, signal: controller.signal, ...options, store });
    open.push({ connection, controller, ended });
    return { connection, controller, ended, store };
  }

  const resultsOf = async (plan: Plan, store: ResultStore): Promise<StoredResult[]> =>
    Promise.all((await pieceNames(plan)).map(async (name) => (await store.get(name))!));
  const totalOf = async (plan: TablePlan, store: ResultStore) =>
    reduceTable(plan, (await resultsOf(plan, store)).map(stripOf));

  async function expected(plan: TablePlan) {
    const store = memoryStore();
    await runLocally(plan, { store, threads: 1, entry, backend: "reference" });
    return { store, total: await totalOf(plan, store) };
  }

  it("comes to the bits of the local run, by several workers, and cleans up", async () => {
    const plan = tableOf();
    await startWorker();
    await startWorker();
    const { ended, store, connection } = await submitTo(plan);
    expect(await ended).toMatchObject({ done: pieceCount(plan), before: 0, failed: [], refusals: [] });
    expect(await totalOf(plan, store)).toEqual((await expected(plan)).total);
    expect((await (await Board.open(connection)).list()).size).toBe(0);
  });

  it("keeps two plans apart, and large gradients in the object store", async () => {
    const small = tableOf();
    const wide = planTable(energy, { seed: 99, count: 1200, dim: 100 }, { block: 700, gradient: true });
    await startWorker({ backend: "native" });
    const runs = await Promise.all([small, wide].map((plan) => submitTo(plan)));
    for (const { ended } of runs) expect((await ended).failed).toEqual([]);
    const local = memoryStore();
    await runLocally(wide, { store: local, threads: 1, entry, backend: "native" });
    const gradients = async (store: ResultStore) => (await resultsOf(wide, store)).map(({ gradient }) => gradient);
    expect(await gradients(runs[1]!.store)).toEqual(await gradients(local));
  });

  it("goes on after the server was killed, and after its store was lost", async () => {
    const plan = tableOf({ block: 30 });
    const root = join(folder, "lost");
    await startWorker();
    const kept = await folderStore(root);
    let [killed, puts] = [0, 0];
    let hurt = Promise.resolve();
    const { ended, store } = await submitTo(plan, {
      store: {
        ...kept,
        async put(result) {
          puts++;
          const due = killed === 0 ? pieceCount(plan) / 4 : pieceCount(plan) / 2;
          if (killed < 2 && puts > due) {
            const lost = killed++ === 1;
            hurt = hurt.then(async () => {
              await server.kill();
              if (lost) server.lose();
              await server.start();
            });
          }
          return kept.put(result);
        },
      },
    });
    expect(await ended).toMatchObject({ done: pieceCount(plan), failed: [] });
    await hurt;
    expect(killed).toBe(2);
    expect(await totalOf(plan, store)).toEqual((await expected(plan)).total);
  });

  it("posts a plan again whose first posting was broken off half way, or that isn't on the board any more", async () => {
    const plan = tableOf();
    const post = vi.spyOn(Board.prototype, "post");
    // The line is cut between the plan's stream, which is there by then, and the board.
    post.mockRejectedValueOnce(Object.assign(new Error("timeout"), { name: "TimeoutError" }));
    const { ended, connection } = await submitTo(plan);
    const board = await Board.open(connection);
    const name = await planName(plan);
    await expect.poll(() => board.entry(name), { timeout: 20_000 }).toMatchObject({ state: "open" });
    await board.remove(name);
    await expect.poll(() => post.mock.calls.length, { timeout: 20_000 }).toBe(3);
    await startWorker();
    expect((await ended).done).toBe(pieceCount(plan));
    post.mockRestore();
  });

  it("gives a piece that fails up after so many tries, with the error, and goes on with the others", async () => {
    const plan = planStudy(
      "tries",
      "00112233",
      ["fails", "works", "dies"].map((key) => ({ key, payload: key })),
    );
    await startWorker({ entry: new URL("./support/study-thread.mjs", import.meta.url) });
    const { ended, store } = await submitTo(plan, { tries: 2 });
    const { done, failed } = await ended;
    expect(done).toBe(1);
    expect(failed.map(({ number, tries, error }) => [number, tries, error]).sort()).toEqual([
      [0, 2, "it always fails"],
      [2, 2, expect.stringMatching(/the thread that computed it ended/)],
    ]);
    expect((await store.names()).size).toBe(1);
  });

  it("gives what a silent worker holds to another, and takes the late result for what it is", async () => {
    const plan = planStudy("slow", "00112233", [{ key: "a", payload: 3000 }]);
    const thread = new URL("./support/study-thread.mjs", import.meta.url);
    const first = await startWorker({ entry: thread, name: "silent" });
    const { ended, store } = await submitTo(plan, { patience: 600 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // As good as a process that was stopped: it says nothing any more.
    await first.connection.close();
    await startWorker({ entry: thread, name: "other" });
    expect((await ended).done).toBe(1);
    expect((await resultsOf(plan, store))[0]!.by.worker).toBe("other");
  });

  it("refuses plans of files that aren't allowed, and says so to whoever waits", async () => {
    const model = { path: "/etc/hostname", base: null, layouts: {} };
    const plan: Plan = {
      ...tableOf(),
      table: {
        ...{ kind: "file", model, layer: "x", layout: "neurons-first", count: 900, dim: 8 },
        fingerprint: { sample: "0".repeat(32), whole: null },
      },
    };
    await startWorker({ allow: [folder] });
    const { ended, controller } = await submitTo(plan, {
      onLog: (line) => line.includes("doesn't take part") && controller.abort(),
    });
    expect((await ended).refusals).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/lies outside/) }),
    ]);
  });

  it("is cancelled and resumed from elsewhere", async () => {
    const plan = tableOf();
    const name = await planName(plan);
    const first = await submitTo(plan);
    const other = await connectTo(server.address, { env: {} });
    const status = async () => (await statusOf(other, 100)).filter((each) => each.plan === name);
    await expect.poll(async () => (await status())[0]?.waiting, { timeout: 20_000 }).toBe(pieceCount(plan));
    expect(await status()).toMatchObject([
      { plan: name, kind: "table", state: "open", done: 0, underWay: 0, workers: [] },
    ]);
    expect(await findPlan(other, name.slice(0, 6))).toBe(name);
    await expect(findPlan(other, "zz")).rejects.toThrow(/expected the name of a plan/);
    await cancelPlan(other, name);
    expect(await first.ended).toMatchObject({ done: 0, cancelled: true });
    await resumePlan(other, name);
    await startWorker();
    const again = await submitTo(plan);
    expect((await again.ended).done).toBe(pieceCount(plan));
    await other.close();
  });

  it("takes what a guest brings, once a sample of it was right", async () => {
    const plan = tableOf();
    const thread = new PieceThread(entry, { backend: "reference", allow: [], mostBytes: undefined });
    const connection = await connectTo(server.address, { env: {} });
    const controller = new AbortController();
    const backend = referenceBackend() as Backend<unknown>;
    const working = workAsGuest(connection, { backend, name: "guest", signal: controller.signal });
    const { ended, store } = await submitTo(plan, { check: { share: 0.2, thread } });
    expect(await ended).toMatchObject({ done: pieceCount(plan), failed: [] });
    expect(await totalOf(plan, store)).toEqual((await expected(plan)).total);
    const by = (await resultsOf(plan, store)).map((result) => result.by.worker);
    expect(new Set(by)).toEqual(new Set(["check", "claim:guest"]));
    controller.abort();
    expect(await working).toBe(pieceCount(plan));
    await connection.close();
  });

  describe("somebody hostile", () => {
    it("puts garbage, other pieces' results and replays into the buckets: none of it counts", async () => {
      const plan = tableOf();
      const names = namesOf(await planName(plan));
      const pieces = await pieceNames(plan);
      const logged: string[] = [];
      const { ended, store, connection } = await submitTo(plan, { onLog: (line) => logged.push(line) });
      const waiting = async () =>
        (await statusOf(connection, 50)).find((each) => namesOf(each.plan).work === names.work)?.waiting;
      await expect.poll(waiting, { timeout: 20_000 }).toBe(pieceCount(plan));
      const bytes = await encodeResult({
        piece: pieces[1]!,
        by: { worker: "x", backend: "x" },
        milliseconds: 0,
        value: { energy: 1, pairs: 1, self: 0, dead: 0 },
      });
      const { Kvm } = await import("@nats-io/kv");
      const results = await new Kvm(connection).open(names.results);
      await results.put(pieces[0]!, "garbage");
      await results.put(pieces[1]!, bytes);
      await results.put(pieces[2]!, bytes);
      await results.put("no-piece", bytes);
      await results.put(
        pieces[3]!,
        JSON.stringify({ format: "comhe-pointer", object: `${pieces[4]}-0123456789abcdef`, size: 10 }),
      );
      const { jetstream } = await import("@nats-io/jetstream");
      for (const wrong of ["", "{}", '{"number":-1}', '{"number":1e9}', '{"number":0,"run":"rm"}', "x".repeat(200)]) {
        await jetstream(connection).publish(names.workSubject, wrong);
      }
      for (const wrong of ["x", "{}", JSON.stringify({ worker: "w".repeat(1000), backend: "b", done: 0, pieces: [] })])
        connection.publish(names.alive, wrong);
      const notes = await new Kvm(connection).open(names.notes);
      await notes.put(
        "dead.0",
        JSON.stringify({ worker: "w", backend: "b", number: 7, tries: 1, error: "not its key" }),
      );
      await notes.put("refused.x", "garbage");
      // Notes are told of as they come, beside the results: without a worker the plan can't end before this one.
      await expect
        .poll(() => logged, { timeout: 20_000 })
        .toEqual(expect.arrayContaining([expect.stringMatching(/a note that says nothing/)]));
      await startWorker({ onLog: (line) => logged.push(line) });
      expect(await ended).toMatchObject({ done: pieceCount(plan), failed: [] });
      expect(await totalOf(plan, store)).toEqual((await expected(plan)).total);
      for (const said of [
        /piece 0: .*no head/,
        /piece 1: .*expected \d+ pairs/,
        /piece 2: .*it is the result of another piece/,
        /piece 3: /,
        /a result of no piece/,
        /names no piece/,
        /a note that says nothing/,
      ]) {
        await expect
          .poll(() => logged, { timeout: 5_000 })
          .toEqual(expect.arrayContaining([expect.stringMatching(said)]));
      }
    });

    it("posts plans that are none, of another version, and another plan by its name: workers go on", async () => {
      const connection = await connectTo(server.address, { env: {} });
      const board = await Board.open(connection);
      const good = tableOf();
      const logged: string[] = [];
      const entryOf = { state: "open", tries: 3, patience: 2000, pieces: 1 } as const;
      const post = async (name: string, text: string, entry: string) => {
        await board.plans.putBlob({ name }, new TextEncoder().encode(text));
        await board.states.put(name, entry);
      };
      await post("1".repeat(32), JSON.stringify({ ...good, version: 2 }), JSON.stringify(entryOf));
      await post("2".repeat(32), JSON.stringify(good), JSON.stringify({ ...entryOf, pieces: pieceCount(good) }));
      await post("3".repeat(32), "garbage", JSON.stringify(entryOf));
      await post("4".repeat(32), JSON.stringify(good), "garbage");
      await board.states.put("not-a-name", JSON.stringify(entryOf));
      await startWorker({ onLog: (line) => logged.push(line) });
      const { ended } = await submitTo(good);
      expect((await ended).done).toBe(pieceCount(good));
      for (const said of [
        /11111111 is refused: expected a plan of version 1/,
        /22222222 is refused: .*another one by that name/,
        /33333333 is refused/,
      ]) {
        expect(logged).toEqual(expect.arrayContaining([expect.stringMatching(said)]));
      }
      for (const name of ["1", "2", "3", "4"]) await board.remove(name.repeat(32));
      await board.states.purge("not-a-name");
      await connection.close();
    });

    it("claims wrong results: they are found, none of its others counts, and the total is right", async () => {
      const plan = tableOf();
      const right = await expected(plan);
      const pieces = await pieceNames(plan);
      const banned: string[] = [];
      const thread = new PieceThread(entry, { backend: "reference", allow: [], mostBytes: undefined });
      const { ended, store, connection } = await submitTo(plan, {
        check: { share: 0.5, thread, onBanned: (worker) => banned.push(worker) },
      });
      const claim = async (worker: string, number: number, change = 0) => {
        const result = (await right.store.get(pieces[number]!))!;
        const value = { ...stripOf(result), energy: stripOf(result).energy * (1 + change) };
        const about = headers();
        about.set(claimHeader, pieces[number]!);
        const bytes = await encodeResult({ ...result, value, by: { worker, backend: "page" } });
        return (
          await connection.request(namesOf(await planName(plan)).claims, bytes, { headers: about, timeout: 5000 })
        ).string();
      };
      await expect.poll(() => claim("honest", 0).catch(() => ""), { timeout: 20_000 }).toBe("taken");
      for (let n = 1; n < 6; n++) expect(await claim("honest", n)).toBe("taken");
      expect(await claim("liar", 6)).toBe("taken");
      let found = "";
      for (let n = 7; n < 15 && found === ""; n++) {
        const answer = await claim("liar", n, 0.01);
        if (answer !== "taken") found = answer;
      }
      // Its first was right; of those that follow it one is looked at sooner or later, here or in the end.
      if (found !== "") {
        expect(found).toMatch(
          /claim:liar: piece \d+ is wrong in its energy by 1\.0e-2|claim:liar: piece \d+ is wrong in its energy by 9\.9e-3/,
        );
        expect(await claim("liar", 16)).toMatch(/an earlier result of claim:liar was wrong/);
      }
      const short = { ...(await right.store.get(pieces[17]!))! };
      await expect(
        connection.request(namesOf(await planName(plan)).claims, "garbage", { timeout: 5000 }),
      ).resolves.toMatchObject({});
      expect(short.piece).toBe(pieces[17]);
      await startWorker();
      expect((await ended).done).toBe(pieceCount(plan));
      expect(banned).toEqual(["claim:liar"]);
      expect(await totalOf(plan, store)).toEqual(right.total);
    });
  });
});
