/** `comhe audit --on`, `comhe worker` and `comhe jobs` on a real server; and plans that need none. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { comheIn, main } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-many-"));
const secret = "only-in-a-file";
const running: ChildProcess[] = [];
let address = "";

function noServer(): string | undefined {
  try {
    execFileSync("nats-server", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no nats-server here: install Debian's nats-server, or put one into the PATH";
  }
}
const missing = noServer();
if (missing) console.warn(`audits on a server: skipped, ${missing}`);

beforeAll(async () => {
  for (const file of ["model.safetensors", "vocab.json", "config.json"]) {
    copyFileSync(fileURLToPath(new URL(`../demo/${file}`, import.meta.url)), join(folder, file));
  }
  writeFileSync(join(folder, "password"), `${secret}\n`);
  if (missing) return;
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const users = `authorization { users: [{ user: "me", password: "${secret}" }] }`;
  const store = `jetstream { store_dir: "${join(folder, "store")}" }`;
  writeFileSync(join(folder, "server.conf"), `listen: "127.0.0.1:${port}"\n${store}\n${users}\n`);
  address = `nats://127.0.0.1:${port}`;
  const server = spawn("nats-server", ["-c", join(folder, "server.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  running.push(server);
  await new Promise<void>((resolve) =>
    server.stderr!.on("data", (data: Buffer) => data.includes("ready") && resolve()),
  );
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const env = {
  ...process.env,
  XDG_CACHE_HOME: join(folder, "cache"),
  COMHE_NATS_USER: "me",
  COMHE_NATS_PASSWORD_FILE: join(folder, "password"),
};
const comhe = (args: readonly string[], own: NodeJS.ProcessEnv = env) => comheIn(folder, { env: own })(...args);

describe("plans", () => {
  test("say what they cost before anything starts, and run in shares of a folder", async () => {
    const plan = await comhe([
      "jobs",
      "plan",
      "--simulate",
      "3000x16",
      "--block",
      "500",
      "--strip",
      "2",
      "--workers",
      "3",
      "--out",
      "plan.json",
    ]);
    expect(plan.stdout).toMatch(/pieces +12 pieces\nbytes +none read .*\ntime +about .* on 3 machines like this one/);
    const share = (n: number) =>
      comhe(["jobs", "run", "plan.json", "--results", "shared", "--share", `${n}/2`, "--threads", "1"]);
    expect(await share(0)).toMatchObject({ code: 0, stdout: "6 of 12 pieces are done.\n" });
    const total = await share(1);
    expect(JSON.parse(total.stdout)).toMatchObject({ pairs: 4_498_500, deadNeurons: 0, count: 3000 });
    expect((await comhe(["jobs", "plan", "model.safetensors"])).stdout).toMatch(/pieces +25 pieces/);
    const table = await comhe(["jobs", "plan", "model.safetensors", "--table", "none"]);
    expect([table.code, table.stderr]).toEqual([
      2,
      expect.stringMatching(/--table none: there is no such layer. The layers: /),
    ]);
    for (const wrong of ["2/2", "1", "-1/2"]) {
      expect((await comhe(["jobs", "run", "plan.json", `--share=${wrong}`])).stderr).toMatch(/--share: expected i\/n/);
    }
    expect((await comhe(["jobs", "run", "model.safetensors"])).stderr).toMatch(
      /expected a plan that .* wrote \(it isn't JSON\)/,
    );
    for (const [flags, said] of [
      [["--check", "0.5"], /--check needs a server: say which by --on/],
      [["--on", "nats://127.0.0.1:1", "--check", "2"], /--check: expected a share above 0, up to 1, got "2"/],
      [["--on", "nats://127.0.0.1:1", "--replicas", "2"], /--replicas: expected 1, 3 or 5, got "2"/],
    ] as const) {
      expect(await comhe(["jobs", "run", "plan.json", ...flags])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(said),
      });
    }
  });

  test("aren't for clocks, side files, or passwords that everybody can list", async () => {
    const on = ["audit", "model.safetensors", "--on", "nats://127.0.0.1:1"];
    expect(await comhe([...on, "--budget", "5s"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/a time gives other numbers/),
    });
    expect(await comhe([...on, "--resume", "side"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--results/),
    });
    const told = await comhe(["jobs", "status", "nats://me:hunter2@127.0.0.1:1"]);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(/which every user of this machine can list/)]);
    expect(told.stderr).not.toContain("hunter2");
    expect(await comhe(on)).toMatchObject({ code: 2, stderr: expect.stringMatching(/no connection/) });
  });
});

describe.skipIf(missing !== undefined)("on a server", () => {
  test("an audit is what it is here, and its results have no secrets; nobody gets in without", async () => {
    const worker = spawn(process.execPath, [main, "worker", address, "--threads", "1", "--name", "the-worker"], {
      cwd: folder,
      env,
      stdio: "ignore",
    });
    running.push(worker);
    const { code, stdout } = await comhe([
      "audit",
      "model.safetensors",
      "--on",
      address,
      "--format",
      "csv",
      "--results",
      "results",
    ]);
    const here = await comhe(["audit", "model.safetensors", "--budget", "none", "--format", "csv"]);
    const untimed = (csv: string) => csv.split("\n").map((line) => line.replace(/,[^,]*$/, ""));
    expect([code, untimed(stdout)]).toEqual([0, untimed(here.stdout)]);
    // All is here: no worker is needed any more.
    worker.kill("SIGKILL");
    const again = await comhe([
      "audit",
      "model.safetensors",
      "--on",
      address,
      "--format",
      "csv",
      "--results",
      "results",
    ]);
    expect(untimed(again.stdout)).toEqual(untimed(here.stdout));
    const kept = execFileSync("sh", ["-c", `cat results/*/* && ps -eo args`], { cwd: folder, encoding: "latin1" });
    expect(kept).toContain("the-worker");
    expect(kept).not.toContain(secret);
    expect((await comhe(["jobs", "status", address])).stdout).toBe("No plans.\n");
    const stranger = await comhe(["jobs", "status", address], {
      ...env,
      COMHE_NATS_USER: "",
      COMHE_NATS_PASSWORD_FILE: "",
    });
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringMatching(/no connection \(.*[Aa]uthorization/)]);
  });
});
