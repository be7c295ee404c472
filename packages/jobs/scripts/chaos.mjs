/**
 * What the engine lives through: `node scripts/chaos.mjs [runs] [first seed]`, a line a run and a verdict. In each run 528 pieces of a table go to
 * three workers over lines that are cut, while workers, whoever waits, and the server are killed with -9 at random, the server's store is lost, a
 * worker is stopped without dying, the disk is full, and somebody brings wrong results. The total has to be that of the local run, to the last
 * bit, and each piece counted once. Not among the tests: a run takes a minute or two.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { pieceCount, pieceNames, planTable, reduceTable, stripOf } from "@comhe/jobs";
import { folderStore, runLocally } from "@comhe/jobs/node";
import { cuttingProxy } from "./chaos/proxy.mjs";

const [runs, firstSeed] = [Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 1)];
/** Milliseconds after which a run counts as hung. */
const patience = 900_000;
const script = (name) => new URL(`./chaos/${name}.mjs`, import.meta.url).pathname;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function totalOf(plan, store) {
  const results = [];
  for (const name of await pieceNames(plan)) {
    const result = await store.get(name);
    if (result) results.push(stripOf(result));
  }
  return reduceTable(plan, results);
}

/** One run. @returns what happened in it, and what was wrong */
async function run(seed) {
  const folder = mkdtempSync(join(tmpdir(), "comhe-chaos-"));
  const plan = planTable({ space: "half" }, { seed, count: 32 * 120, dim: 16 }, { block: 120, strip: 1 });
  const file = join(folder, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const [right, results] = [join(folder, "right"), join(folder, "results")];
  const local = await folderStore(right);
  await runLocally(plan, { store: local, threads: 2, backend: "native" });
  const expected = await totalOf(plan, local);

  const port = await freePort();
  const storeFolder = join(folder, "store");
  const config = join(folder, "server.conf");
  writeFileSync(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${storeFolder}" }\n`);
  const proxy = await cuttingProxy(port);
  const address = `nats://127.0.0.1:${proxy.port}`;
  const children = new Set();
  const start = (command, args, onLine = () => {}) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, CHAOS_PIECE: "40" },
    });
    children.add(child);
    child.on("exit", () => children.delete(child));
    let rest = "";
    child.stdout.on("data", (data) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop();
      for (const line of lines) onLine(line);
    });
    return child;
  };
  const kill = async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  const events = { worker: 0, submitter: 0, server: 0, lost: 0, cut: 0, full: 0, stopped: 0 };
  const heard = { banned: 0, conflicts: 0, diskFull: 0, lies: 0 };
  const startServer = async () => {
    const server = start("nats-server", ["-c", config, "-l", join(folder, "server.log")]);
    await pause(300);
    return server;
  };
  let server = await startServer();
  const node = process.execPath;
  const workers = [0, 1, 2].map((n) => start(node, [script("worker"), address, `worker-${n}`]));
  let liar = start(node, [script("liar"), address, file, right, `liar-${seed}`], () => heard.lies++);
  let done = 0;
  let outcome;
  const listen = (line) => {
    let said;
    try {
      said = JSON.parse(line);
    } catch {
      return;
    }
    if (said.done !== undefined) done = said.done;
    if (said.banned) heard.banned++;
    if (said.conflict) heard.conflicts++;
    if (/can't be kept here/.test(said.log ?? "")) heard.diskFull++;
    if (said.outcome) outcome = said.outcome;
  };
  const submitter = (limit) =>
    limit === undefined
      ? start(node, [script("submitter"), address, file, results], listen)
      : start(
          "sh",
          ["-c", `ulimit -f ${limit}; exec "$0" "$@"`, node, script("submitter"), address, file, results],
          listen,
        );
  let waiting = submitter();
  const stream = randomStream(seed, "chaos", 0);
  const begin = Date.now();
  const inTime = () => Date.now() - begin < patience;
  const hurt = {
    async worker() {
      const n = stream.below(3);
      await kill(workers[n]);
      workers[n] = start(node, [script("worker"), address, `worker-${n}`]);
    },
    async submitter() {
      await kill(waiting);
      waiting = submitter();
    },
    async server() {
      await kill(server);
      await pause(stream.below(800));
      server = await startServer();
    },
    async lost() {
      await kill(server);
      rmSync(storeFolder, { recursive: true, force: true });
      server = await startServer();
    },
    async cut() {
      proxy.cut();
    },
    async full() {
      await kill(waiting);
      waiting = submitter(0);
      await pause(3000);
      await kill(waiting);
      waiting = submitter();
    },
    async stopped() {
      const worker = workers[stream.below(3)];
      worker.kill("SIGSTOP");
      await pause(2500 + stream.below(2000));
      worker.kill("SIGCONT");
    },
  };
  // Each of them once in any case, in a random order, and then whatever comes.
  const order = ["worker", "submitter", "server", "lost", "cut", "full", "stopped"];
  for (let n = order.length - 1; n > 0; n--) {
    const m = stream.below(n + 1);
    [order[n], order[m]] = [order[m], order[n]];
  }
  while (outcome === undefined && inTime()) {
    await pause(200 + stream.below(1200));
    if (outcome !== undefined) break;
    const event = order.shift() ?? ["worker", "worker", "submitter", "server", "cut", "stopped"][stream.below(6)];
    events[event]++;
    await hurt[event]();
    // The liar lives through nothing: it comes back, too.
    if (liar.exitCode !== null)
      liar = start(node, [script("liar"), address, file, right, `liar-${seed}`], () => heard.lies++);
  }
  await pause(200);
  for (const child of [...children]) {
    child.kill("SIGCONT");
    await kill(child);
  }
  proxy.close();
  const store = await folderStore(results);
  const problems = [];
  if (outcome === undefined) problems.push(`hung at ${done} of ${pieceCount(plan)}`);
  const kept = await store.names();
  if (kept.size !== pieceCount(plan)) problems.push(`${kept.size} results of ${pieceCount(plan)} pieces`);
  const total = await totalOf(plan, store).catch((error) => problems.push(error.message) && undefined);
  if (total && (total.energy !== expected.energy || total.pairs !== expected.pairs))
    problems.push(`${total.energy} and not ${expected.energy}`);
  const by = {};
  for (const name of kept) {
    const worker = (await store.get(name)).by.worker.replace(/-\d+$/, "");
    by[worker] = (by[worker] ?? 0) + 1;
  }
  rmSync(folder, { recursive: true, force: true });
  return { seconds: (Date.now() - begin) / 1000, events, heard, by, energy: expected.energy, problems };
}

let failed = 0;
const seeds = Array.from({ length: runs }, (_, n) => firstSeed + n);
for (const seed of seeds) {
  const { seconds, events, heard, by, energy, problems } = await run(seed);
  if (problems.length > 0) failed++;
  const list = (counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  process.stdout.write(
    `seed ${seed}: ${problems.length === 0 ? `the same bits (${energy})` : problems.join("; ")} in ${seconds.toFixed(0)} s; hurt: ${list(events)}; heard: ${list(heard)}; kept by: ${list(by)}\n`,
  );
}
process.stdout.write(`${runs - failed} of ${runs} runs came to the bits of the local run, each piece once\n`);
process.exit(failed === 0 ? 0 : 1);
