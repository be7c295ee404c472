/**
 * The built page in a real browser, at a real server that it reaches by websocket, signed in as the documentation's guest: its results count once
 * they were checked, those of a page that lies don't, and neither may do more than the documentation says.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore, pieceCount, pieceNames, planTable, type ResultStore, reduceTable, stripOf } from "@comhe/jobs";
import { type Check, connectTo, submit, work } from "@comhe/jobs/nats";
import { PieceThread, runLocally } from "@comhe/jobs/node";
import { openSite, type Served, type Site, serveBuilt, serveSources, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const hasServer = spawnSync("nats-server", ["--version"]).status === 0;
const missing = hasServer ? skipReason : "no nats-server here: install Debian's nats-server, or put one into the PATH";
if (missing) console.info(`the page: skipped, ${missing}`);

const page = readFileSync(new URL("../../../docs/usage/many-machines.md", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "comhe-page-worker-"));
const passwords = { WORKERS_PASSWORD: "of-workers", GUESTS_PASSWORD: "of-guests" };
const entry = new URL(import.meta.resolve("@comhe/jobs/thread-entry"));

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The documentation's users with the documentation's permissions, and a listener for pages. */
async function startServer() {
  const [port, webPort] = [await freePort(), await freePort()];
  const users = /^authorization \{\n[\s\S]*?^\}$/m.exec(page)![0];
  const config = `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(folder, "store")}" }
websocket { listen: "127.0.0.1:${webPort}", no_tls: true }
${users}\n`;
  writeFileSync(join(folder, "server.conf"), config);
  const server = spawn("nats-server", ["-c", join(folder, "server.conf")], {
    ...{ stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...passwords } },
  });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr!.on("data", (data: Buffer) => {
      log += data;
      if (log.includes("Server is ready")) resolve();
    });
    server.on("exit", (code) => reject(new Error(`nats-server ended with ${code}: ${log}`)));
  });
  return { address: `nats://127.0.0.1:${port}`, web: `ws://127.0.0.1:${webPort}`, end: () => server.kill("SIGKILL") };
}

describe.skipIf(missing !== undefined)("a page that works for others", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let honest: Site;
  let lying: Served;
  const env = { COMHE_NATS_USER: "workers", COMHE_NATS_PASSWORD: passwords.WORKERS_PASSWORD };
  beforeAll(async () => {
    server = await startServer();
    honest = await openSite(await serveBuilt(new URL("../", import.meta.url)));
    lying = await serveSources(new URL("./liar/", import.meta.url));
  });
  afterAll(async () => {
    await honest?.close();
    await lying?.close();
    server?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const planOf = (seed: number) =>
    planTable({ space: "half" }, { seed, count: 2000, dim: 16 }, { block: 200, strip: 2 });

  async function totalOf(plan: ReturnType<typeof planOf>, store: ResultStore) {
    const results = await Promise.all((await pieceNames(plan)).map(async (name) => (await store.get(name))!));
    return { ...reduceTable(plan, results.map(stripOf)), by: results.map(({ by }) => by.worker) };
  }

  async function expected(plan: ReturnType<typeof planOf>) {
    const store = memoryStore();
    await runLocally(plan, { store, threads: 1, entry, backend: "wasm" });
    return totalOf(plan, store);
  }

  async function submitted(plan: ReturnType<typeof planOf>, more: Partial<Check> = {}) {
    const thread = new PieceThread(entry, { backend: "wasm", allow: [], mostBytes: undefined });
    const connection = await connectTo(server.address, { env });
    const store = memoryStore();
    const said: string[] = [];
    const ended = submit(connection, plan, {
      ...{ store, patience: 5000, onLog: (line: string) => said.push(line) },
      check: { share: 0.3, thread, ...more },
    }).finally(() => connection.close());
    return { ended, store, said };
  }

  test("computes pieces, which are checked on a sample and count", async () => {
    const plan = planOf(1);
    const { ended, store } = await submitted(plan);
    const tab = await honest.open({ path: `?server=${server.web}`, ready: "document.body.dataset.state === 'ready'" });
    await tab.locator("#user").fill("guests");
    await tab.locator("#password").fill(passwords.GUESTS_PASSWORD);
    await tab.locator("#name").fill("honest");
    await tab.locator("#start").click();
    expect(await ended).toMatchObject({ done: pieceCount(plan), failed: [] });
    const { energy, pairs, by } = await totalOf(plan, store);
    const right = await expected(plan);
    expect(pairs).toBe(right.pairs);
    // The page's WebAssembly may be wider than Node's, and rounds otherwise.
    expect(energy / right.energy).toBeCloseTo(1, 6);
    expect(new Set(by)).toEqual(new Set(["check", "claim:honest"]));
    expect(by.filter((each) => each === "claim:honest").length).toBeGreaterThan(pieceCount(plan) / 3);
    await expect.poll(() => tab.locator("#taken").textContent()).toBe(`${pieceCount(plan)}`);
    await tab.locator("#stop").click();
    await tab.waitForFunction("document.body.dataset.state === 'ready'");
    expect(await tab.locator("#status").textContent()).toBe(`Stopped. ${pieceCount(plan)} results were accepted.`);
    await tab.close();
  });

  test("is found out where it lies: none of its results counts, and the pieces are done again", async () => {
    const plan = planOf(2);
    const banned: string[] = [];
    const { ended, store, said } = await submitted(plan, { onBanned: (worker) => banned.push(worker) });
    const query = new URLSearchParams({ server: server.web, user: "guests", password: passwords.GUESTS_PASSWORD });
    const tab = await honest.browser.newPage();
    await tab.goto(`${lying.url}?${query}`);
    await expect.poll(() => banned, { timeout: 60_000 }).toEqual(["claim:liar"]);
    const controller = new AbortController();
    const connection = await connectTo(server.address, { env });
    const trusted = work(connection, { entry, threads: 1, backend: "wasm", signal: controller.signal });
    expect(await ended).toMatchObject({ done: pieceCount(plan), failed: [] });
    controller.abort();
    await trusted;
    await connection.close();
    const { by, ...total } = await totalOf(plan, store);
    const { by: _, ...right } = await expected(plan);
    expect(total).toEqual(right);
    expect(by).not.toContain("claim:liar");
    expect(said.join("\n")).toMatch(
      /refused: claim:liar: piece \d+ is wrong in its energy by \S+; \d+ more of its results are dropped/,
    );
    await tab.close();
  });

  test("may do nothing but that", async () => {
    const plan = planOf(3);
    const { ended } = await submitted(plan);
    const guest = await connectTo(server.address, {
      env: { COMHE_NATS_USER: "guests", COMHE_NATS_PASSWORD: passwords.GUESTS_PASSWORD },
    });
    const attempt = async (subject: string, what = "x") =>
      guest.request(subject, what, { timeout: 1000 }).then(
        () => "answered",
        (error: Error) => error.message,
      );
    for (const subject of [
      "$JS.API.STREAM.CREATE.mine",
      "$JS.API.STREAM.DELETE.KV_comhe-plans",
      "$JS.API.STREAM.PURGE.KV_comhe-plans",
      "$KV.comhe-plans.x",
    ])
      expect(await attempt(subject), subject).toMatch(/Permissions Violation for Publish/);
    await guest.close();
    const controller = new AbortController();
    const connection = await connectTo(server.address, { env });
    const trusted = work(connection, { entry, threads: 1, backend: "wasm", signal: controller.signal });
    await ended;
    controller.abort();
    await trusted;
    await connection.close();
  });

  test("says what is wrong: a password, an address", async () => {
    const tab = await honest.open({ path: `?server=${server.web}`, ready: "document.body.dataset.state === 'ready'" });
    await tab.locator("#user").fill("guests");
    await tab.locator("#password").fill("wrong");
    await tab.locator("#start").click();
    await tab.waitForFunction("document.body.dataset.state === 'error'");
    expect(await tab.locator("#status").textContent()).toMatch(/no connection \(.*Authorization/i);
    await tab.locator("#server").fill("http://127.0.0.1");
    await tab.locator("#start").click();
    await tab.waitForFunction("document.querySelector('#status').textContent.includes('expected wss://')");
    await tab.close();
  });
});
