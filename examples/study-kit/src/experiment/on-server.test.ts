/** Runs on other machines: the same results as here, found again in the same file; code or data that differ are refused. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RunsMissingError } from "./errors.js";
import type { Job } from "./job.js";
import { serveStudies } from "./on-server.js";
import { type Elsewhere, runExperiment } from "./run-experiment.js";

const hasServer = spawnSync("nats-server", ["--version"]).status === 0;
if (!hasServer)
  console.warn(
    "a study on a server: skipped, there is no nats-server here: install Debian's nats-server, or put one into the PATH",
  );
const folder = mkdtempSync(join(tmpdir(), "study-elsewhere-"));
const worker = pathToFileURL(join(folder, "worker.mjs"));
const ends: (() => void)[] = [];

beforeAll(() => {
  const kit = new URL("../../dist/worker.js", import.meta.url).href;
  // What it adds is this machine's own, as data are; a hash of it would be in the study's code.
  writeFileSync(
    worker,
    `import { serveRuns } from ${JSON.stringify(kit)};
serveRuns(async ({ x }, report, own) => ({ root: Math.sqrt(x) + own.add, place: own.place }));\n`,
  );
});
afterAll(() => {
  for (const end of ends) end();
  rmSync(folder, { recursive: true, force: true });
});

let said: string[] = [];
beforeEach(() => {
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => vi.restoreAllMocks());

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

const study = { name: "roots", code: "0123456789abcdef01234567" };
const own = { add: 0.1, place: "here" };
const jobs = ["plain", "spread"].flatMap((arm, n) =>
  [1, 2].map((seed): Job => ({ key: `${arm}-${seed}`, arm, seed, payload: { x: 10 * n + seed } })),
);
const { signal } = new AbortController();

function runOf(logFile: string, on?: Elsewhere) {
  return runExperiment({
    ...{ jobs, worker, logFile, own, study, on, signal, threads: 1, describe: ({ key }: Job) => key },
    parse(value: unknown) {
      const { root } = value as { root?: unknown };
      if (typeof root !== "number") throw new Error("no run of this study");
      return value as { root: number; place: string };
    },
  });
}

/** Lines by key, without who made them. */
const linesOf = (logFile: string) =>
  readFileSync(logFile, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { key: string; result: { root: number } })
    .map(({ key, result }) => `${key} ${JSON.stringify(result)}`)
    .sort();

describe.skipIf(!hasServer)("a study on a server", () => {
  it("comes to what this machine would have made, and keeps it where runs have always been", async () => {
    const [local, remote] = [join(folder, "local.jsonl"), join(folder, "remote.jsonl")];
    const expected = await runOf(local);
    const server = await startServer();
    const controller = new AbortController();
    const serve = (code: string, others = {}) =>
      serveStudies({
        ...{ studies: [{ ...study, code }], worker, server, threads: 1, signal: controller.signal },
        own: { ...own, ...others },
      });
    const different = serve("ffff", { add: 7, place: "elsewhere" });
    // One run was made before, by a version that didn't say who made it.
    writeFileSync(remote, `{"key":"plain-1","result":${JSON.stringify(expected.results[0])}}\n`);
    const made = runOf(remote, { server });
    await expect
      .poll(() => said.join(""), { timeout: 45_000 })
      .toMatch(/doesn't take part: .*was planned with other code or data \(01234567…\) than this worker has \(ffff…\)/);
    const same = serve(study.code);
    expect(await made).toEqual({ ...expected, resumed: 1 });
    expect(linesOf(remote)).toEqual(linesOf(local));
    expect((await runOf(remote, { server })).resumed).toBe(4);
    controller.abort();
    expect([await different, await same]).toEqual([0, 3]);
  }, 90_000);
});

describe("a study in a common folder", () => {
  it("is made in shares; whoever comes last has all of it", async () => {
    const shared = join(folder, "shared");
    const files = [0, 1].map((n) => join(folder, `share-${n}.jsonl`));
    const share = (index: number) => runOf(files[index]!, { folder: shared, share: { index, of: 2 } });
    await expect(share(0)).rejects.toThrow(RunsMissingError);
    expect(linesOf(files[0]!).length).toBe(2);
    const whole = await share(1);
    expect(whole.results.map(({ root }) => root)).toEqual([1, 2, 11, 12].map((x) => Math.sqrt(x) + 0.1));
    expect(await share(0)).toMatchObject({ results: whole.results, resumed: 2 });
    expect(linesOf(files[0]!)).toEqual(linesOf(files[1]!));
  });

  it("needs a name for the study", async () => {
    const { results } = await runOf(join(folder, "share-1.jsonl"));
    expect(results.length).toBe(4);
    const nameless = runExperiment({
      ...{ jobs, worker, logFile: join(folder, "x.jsonl"), parse: String, describe: String, signal },
      on: { folder, share: { index: 0, of: 1 } },
    });
    await expect(nameless).rejects.toThrow(/no name for other machines/);
  });
});
