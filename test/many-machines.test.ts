/** What the page on many machines tells to type works: its blocks are run in their order, on a server where there is one. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const page = readFileSync(join(root, "docs/usage/many-machines.md"), "utf8");
const blocks = [...page.matchAll(/^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name, code]) => ({
  language,
  name,
  code: code!,
}));
const folder = mkdtempSync(join(tmpdir(), "comhe-many-docs-"));
const hasServer = spawnSync("nats-server", ["--version"]).status === 0;
if (!hasServer)
  console.warn(
    "plans on a server: skipped, there is no nats-server here: install Debian's nats-server, or put one into the PATH",
  );
let port = 0;

beforeAll(async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  ({ port } = probe.address() as { port: number });
  await new Promise((resolve) => probe.close(resolve));
  mkdirSync(join(folder, "bin"));
  // The built command, and a server on a port that is free.
  writeFileSync(
    join(folder, "bin/comhe"),
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, "packages/cli/dist/main.js")}" "$@"\n`,
  );
  chmodSync(join(folder, "bin/comhe"), 0o755);
  const demo = join(root, "packages/cli/demo");
  for (const file of readdirSync(demo)) copyFileSync(join(demo, file), join(folder, file));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = () => ({
  ...process.env,
  PATH: `${join(folder, "bin")}:${process.env.PATH}`,
  XDG_CACHE_HOME: join(folder, "cache"),
});
const codeOf = (name: string) =>
  blocks
    .filter((block) => block.name === name)
    .map(({ code }) => code)
    .join("\n")
    .replaceAll("nats://127.0.0.1", `nats://127.0.0.1:${port}`)
    .replaceAll("-a 127.0.0.1", `-a 127.0.0.1 -p ${port}`);

/** In a group of its own, so that what it left in the background ends with it. */
const run = (script: string, more: NodeJS.ProcessEnv = {}) =>
  new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const shell = spawn("sh", ["-e", "-c", script], {
      cwd: folder,
      env: { ...env(), ...more },
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    shell.stdout.on("data", (data: Buffer) => {
      stdout += data;
    });
    shell.on("exit", (code) => {
      try {
        process.kill(-shell.pid!, "SIGKILL");
      } catch {
        // Nothing was left.
      }
      resolve({ code, stdout });
    });
  });

test("shares of a common folder come to the total", async () => {
  expect((await run(codeOf("slurm"))).stdout).toMatch(/pieces +\d+ pieces/);
  const array = codeOf("slurm-array");
  for (const [index, expected] of [
    [0, /of \d+ pieces are done/],
    [1, /"energy":0\.5\d+,"pairs":199990000/],
  ] as const) {
    const { code, stdout } = await run(array, { SLURM_ARRAY_TASK_ID: `${index}`, SLURM_ARRAY_TASK_COUNT: "2" });
    expect([code, stdout]).toEqual([0, expect.stringMatching(expected)]);
  }
});

describe.skipIf(!hasServer)("with a server", () => {
  test("a laptop's audit comes back", async () => {
    const { code, stdout } = await run(`${codeOf("laptop")}\n${codeOf("status").split("\n")[0]}`);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/pieces +25 pieces[\s\S]*token_embedding|embed[\s\S]*No plans/),
    ]);
  });

  test("the cluster's configuration is one that a server takes", () => {
    // `sync_interval` is of 2.10 and newer.
    const version = execFileSync("nats-server", ["--version"], { encoding: "utf8" });
    const isOld = /v2\.\d\./.test(version);
    const config = blocks.find(({ name }) => name === "server.conf")?.code;
    writeFileSync(join(folder, "server.conf"), isOld ? config!.replace(/, sync_interval: always/, "") : config!);
    const checked = spawnSync("nats-server", ["-t", "-c", "server.conf"], {
      ...{ cwd: folder, encoding: "utf8" },
      env: { ...env(), WORKERS_PASSWORD: "a", GUESTS_PASSWORD: "b" },
    });
    expect([checked.status, checked.stderr]).toEqual([0, expect.stringMatching(/configuration file .* is valid/)]);
  });
});
