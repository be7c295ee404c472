/** A file larger than the memory it gets; Ctrl-C, a kill, and what --resume makes of them. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeSparseSafetensors } from "../scripts/sparse-safetensors.mjs";
import { main } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-streaming-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Bytes; 0 where the system doesn't say. */
  readonly peak: number;
}

/** @param interrupt sends its signal after a layer is done */
async function comhe(args: string[], interrupt?: { after: number; signal: NodeJS.Signals }): Promise<Ended> {
  const child = spawn(process.execPath, ["--max-old-space-size=96", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Not "exit", after which output may still come.
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let peak = 0;
  let stdout = "";
  let stderr = "";
  let interrupted = false;
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024);
    } catch {
      // Ended, or another system.
    }
    stderr += chunk;
    if (interrupt && !interrupted && stderr.includes(`[${interrupt.after}/`)) {
      interrupted = child.kill(interrupt.signal);
    }
  });
  return { code: await ended, stdout, peak };
}

const plain = join(folder, "plain.json");
writeFileSync(plain, '{ "space": "half", "projection": { "kind": "none" } }');

/** `COMHE_ALL_CHECKS=1` takes the larger file. */
const layersOfLarge = process.env.COMHE_ALL_CHECKS === "1" ? 36 : 16;

test(`${layersOfLarge} layers of 34 MB are audited one by one, within 400 MB`, async () => {
  const file = join(folder, "large.safetensors");
  const { bytes } = writeSparseSafetensors(file, {
    layers: layersOfLarge,
    rows: 4096,
    columns: 2048,
    filled: layersOfLarge,
  });
  const { code, stdout, peak } = await comhe(["audit", file, "--pairs", "200", "--spec", plain, "--format", "json"]);
  expect(code).toBe(0);
  const { layers } = JSON.parse(stdout) as { layers: { dead: number; score: number }[] };
  expect(layers.length).toBe(layersOfLarge);
  expect(layers.filter(({ dead }) => dead === 4096).length).toBe(layersOfLarge - 1);
  expect(bytes).toBeGreaterThan(layersOfLarge * 33e6);
  if (peak === 0) console.log("peak memory isn't checked: this system has no /proc");
  else expect(peak).toBeLessThan(400e6);
});

test("Ctrl-C prints what is done; after it, or a kill, --resume ends with the report of an audit in one go", async () => {
  const file = join(folder, "small.safetensors");
  // After the second layer a second of work is left: the signal comes in time on a busy machine, too.
  writeSparseSafetensors(file, { layers: 12, rows: 1500, columns: 128, filled: 1 });
  const args = (side: string) => ["audit", file, "--progress", "--format", "json", "--resume", join(folder, side)];
  // Times differ, and nothing else.
  const report = (stdout: string) =>
    JSON.parse(stdout, (key, value) => (/milliseconds$/i.test(key) ? undefined : value)) as {
      interrupted: boolean;
      layers: { layer: string }[];
    };
  const whole = report((await comhe(args("whole.jsonl"))).stdout);
  expect(whole.layers.length).toBe(12);

  const interrupted = await comhe(args("interrupted.jsonl"), { after: 2, signal: "SIGINT" });
  expect(interrupted.code).toBe(130);
  const partial = report(interrupted.stdout);
  expect(partial.interrupted).toBe(true);
  expect(partial.layers.length).toBeGreaterThanOrEqual(2);
  expect(partial.layers.length).toBeLessThan(12);
  for (const layer of partial.layers) expect(whole.layers).toContainEqual(layer);
  expect(report((await comhe(args("interrupted.jsonl"))).stdout)).toEqual(whole);

  const killed = await comhe(args("killed.jsonl"), { after: 3, signal: "SIGKILL" });
  expect(killed.code).toBe(null);
  expect(report((await comhe(args("killed.jsonl"))).stdout)).toEqual(whole);
});
