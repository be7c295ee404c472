/** Runs on another machine: the same results as here, found again in the same file; code that differs is refused. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runElsewhere, serveStudy } from "./elsewhere.js";

const hasServer = spawnSync("nats-server", ["--version"]).status === 0;
if (!hasServer) console.warn("skipped: no nats-server here: install Debian's nats-server, or put one into the PATH");
const folder = mkdtempSync(join(tmpdir(), "study-elsewhere-"));
const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
  rmSync(folder, { recursive: true, force: true });
});

async function startServer(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const args = ["-js", "-sd", join(folder, "js"), "-a", "127.0.0.1", "-p", `${port}`];
  const server = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"] });
  ends.push(() => server.kill("SIGKILL"));
  await new Promise<void>((resolve) =>
    server.stderr!.on("data", (data: Buffer) => data.includes("ready") && resolve()),
  );
  return `nats://127.0.0.1:${port}`;
}

describe.skipIf(!hasServer)("a study elsewhere", () => {
  it("makes the runs that are missing, and keeps them where runs have always been", async () => {
    const worker = join(folder, "worker.mjs");
    const kit = new URL("../../dist/worker.js", import.meta.url).href;
    writeFileSync(
      worker,
      `import { serveRuns } from ${JSON.stringify(kit)};\nserveRuns(async ({ x }) => ({ square: x * x }));\n`,
    );
    const study = { name: "squares", worker: new URL(`file://${worker}`), versions: {} };
    const server = await startServer();
    const controller = new AbortController();
    const other = serveStudy({ ...study, versions: { core: "older" } }, server, {
      threads: 1,
      signal: controller.signal,
    });
    const logFile = join(folder, "runs.jsonl");
    writeFileSync(logFile, '{"key":"k1","result":{"square":100}}\n');
    const jobs = [1, 2, 3].map((x) => ({ key: `k${x}`, arm: "a", seed: x, payload: { x } }));
    const isRun = (result: unknown) => typeof (result as { square?: unknown } | null)?.square === "number";
    const run = () =>
      runElsewhere({ study, server, jobs, logFile, isRun, signal: controller.signal, onProgress: () => {} });
    const made = run();
    // The one with other code comes first, and leaves the runs alone.
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const serving = serveStudy(study, server, { threads: 1, signal: controller.signal });
    expect([...(await made)]).toEqual([
      ["k1", { square: 100 }],
      ["k2", { square: 4 }],
      ["k3", { square: 9 }],
    ]);
    expect(readFileSync(logFile, "utf8").trim().split("\n").length).toBe(3);
    expect([...(await run()).values()].length).toBe(3);
    controller.abort();
    expect([await other, await serving]).toEqual([0, 2]);
  }, 60_000);
});
