/**
 * `npm run stream --workspace=@comhe/cli [-- --gigabytes 20 --budget 2s --folder DIR]`: audits a file larger than memory, layer by
 * layer, and checks that it takes less than 2 GB: layers of 4096×4096, one of sixteen with numbers, the others holes in the file
 * (zeros), and a table of 262,144×4096 that is too large to hold. Prints peak memory and seconds.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeSparseSafetensors } from "./sparse-safetensors.mjs";

const mostMemory = 2e9;
const { values } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "20" },
    budget: { type: "string", default: "2s" },
    folder: { type: "string", default: tmpdir() },
  },
});
const gigabytes = Number(values.gigabytes);
const folder = mkdtempSync(join(values.folder, "comhe-stream-"));
try {
  const file = join(folder, "large.safetensors");
  const table = { "embed.weight": [262_144, 4096] };
  const room = gigabytes * 1e9 - 262_144 * 4096 * 4;
  const layers = Math.max(8, Math.ceil(room / (4096 * 4096 * 4)));
  const { bytes } = writeSparseSafetensors(file, { layers, rows: 4096, columns: 4096, filled: 16, extra: table });
  const onDisk = statSync(file).blocks * 512;
  console.log(
    `${(bytes / 1e9).toFixed(1)} GB in ${layers + 1} layers, ${(onDisk / 1e9).toFixed(2)} GB of them on disk`,
  );

  const begin = performance.now();
  const main = join(import.meta.dirname, "..", "dist", "main.js");
  const child = spawn(
    process.execPath,
    [main, "audit", file, "--budget", values.budget, "--format", "json", "--progress"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let peak = 0;
  const watch = setInterval(() => {
    try {
      // Kept by the kernel, so that no peak between two looks is missed. Linux only.
      peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) * 1024;
    } catch {
      // Ended, or another system.
    }
  }, 50);
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  const code = child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)));
  clearInterval(watch);
  const seconds = (performance.now() - begin) / 1000;
  const { layers: audits, failed } = JSON.parse(text);
  const reading = audits.reduce((sum, { readMilliseconds }) => sum + readMilliseconds, 0) / 1000;
  console.log(
    `exit ${code}, ${seconds.toFixed(0)} s (${reading.toFixed(1)} s of reading), peak memory ${peak === 0 ? "unknown here" : `${(peak / 1e6).toFixed(0)} MB`}`,
  );

  const wrong = [];
  const expect = (holds, what) => holds || wrong.push(what);
  expect(code === 0 && failed.length === 0, `exit ${code}, ${failed.length} failed: ${failed[0]?.problem}`);
  expect(audits.length === layers + 1, `${audits.length} layers`);
  expect(peak < mostMemory, `peak memory ${peak}`);
  for (const { layer, dead, count, energyHalf, score, scoreSpread, interval, random, best } of audits) {
    const number = Number(/^layers\.(\d+)/.exec(layer)?.[1] ?? 1);
    if (number % 16 !== 0) {
      expect(Math.abs(energyHalf - 0.5) < 1e-6 && score === null, `${layer}: energy ${energyHalf}, score ${score}`);
      expect(dead > 0 && dead <= count, `${layer}: dead ${dead}`);
      continue;
    }
    // Independent normal numbers: random directions, within their spread and what sampling adds.
    const sampling = interval ? (interval[1] - interval[0]) / 2 / (random - best) : 0;
    expect(dead === 0, `${layer}: dead ${dead}`);
    expect(Math.abs(score - 1) < 5 * scoreSpread + 2 * sampling, `${layer}: score ${score} ± ${scoreSpread}`);
  }
  for (const what of wrong) console.error(`wrong: ${what}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
