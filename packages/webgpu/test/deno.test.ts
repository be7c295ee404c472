/** The built package in Deno, whose WebGPU is wgpu, as Firefox's is: another implementation, and another front end for WGSL. */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { noGpu } from "./support/node-gpu.js";
import { someChecks } from "./support/some-checks.js";
import { tolerance } from "./support/tolerances.js";

const all = process.env.COMHE_ALL_CHECKS === "1";
const deno = process.env.DENO ?? "deno";
const there = spawnSync(deno, ["--version"], { encoding: "utf8" });
const missing = there.status === 0 ? noGpu : "no deno on the path; the variable DENO may name one";
if (missing) console.info(`@comhe/webgpu in Deno: skipped, ${missing}`);

describe.skipIf(missing !== undefined)("in Deno", () => {
  it("conforms", { timeout: 3_600_000 }, async ({ task }) => {
    const script = fileURLToPath(new URL("./support/conform.mjs", import.meta.url));
    const flags = ["run", "--allow-all", "--unstable-webgpu", "--node-modules-dir=manual"];
    const { stdout } = await promisify(execFile)(
      deno,
      [...flags, script, all ? "." : someChecks, JSON.stringify(tolerance)],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), maxBuffer: 2 ** 26 },
    );
    const outcomes = JSON.parse(stdout.trim().split("\n").at(-1)!) as { name: string; cases: number; error?: string }[];
    // For the site's support matrix, which is made of what the runner reports.
    const name = `webgpu, Deno ${/^deno (\S+)/.exec(there.stdout)![1]}`;
    Object.assign(task.meta, { suite: { name, tolerance, outcomes } });
    expect(outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(all ? 70 : 10);
  });
});
