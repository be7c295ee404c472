/**
 * Worker threads that come and go: each has a backend of its own, ended or not, and what it held goes with it. `COMHE_WORKERS` sets how many,
 * a thousand say.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { missing } from "./support/machine.js";

const count = Number(process.env.COMHE_WORKERS ?? 12);
const entry = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** Computes with the built package, on threads, and leaves the backend as it is where `ends` is false. */
const code = (ends: boolean) => `
const { parentPort } = require("node:worker_threads");
const { energyAndGradient } = require(${entry("../../core/dist/index.cjs")});
const { nativeBackend } = require(${entry("../dist/index.cjs")});
const backend = nativeBackend({ threads: 3 });
const data = Float32Array.from({ length: 300 * 64 }, (_, n) => Math.sin(n * n));
energyAndGradient(backend, { space: "half" }, { data, shape: [300, 64] }).then(({ energy }) => {
  ${ends ? "backend.dispose();" : ""}
  parentPort.postMessage(energy);
});
`;

/** Threads of this process, where the system tells. */
function threads(): number | undefined {
  try {
    return readdirSync("/proc/self/task").length;
  } catch {
    return undefined;
  }
}

function energyOf(ends: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code(ends), { eval: true });
    let energy = Number.NaN;
    worker.on("message", (value) => (energy = value));
    worker.on("error", reject);
    worker.on("exit", () => resolve(energy));
  });
}

it.skipIf(missing !== undefined)(
  `${count} workers come and go${missing === undefined ? "" : ` (${missing})`}`,
  async () => {
    const first = await energyOf(true);
    expect(first).toBeGreaterThan(0);
    const before = threads();
    const memory = process.memoryUsage().rss;
    for (let n = 0; n < count; n += 2) {
      // Two at a time, of which one ends its backend.
      expect(await Promise.all([energyOf(true), energyOf(false)])).toEqual([first, first]);
    }
    // Node's own threads may come, ours may not: three backends' worth would be six.
    if (before !== undefined) expect(threads()!).toBeLessThan(before + 4);
    // A worker's isolate takes some 10 MB while it lives; what a thousand leave behind must be far less than they took.
    expect(process.memoryUsage().rss - memory).toBeLessThan(200e6 + count * 1e5);
  },
);
