/**
 * Large files stream: memory stays where it is, however large the file. By default 160 MB in short layers; `npx vitest run large-files --mode full` takes 300 MB, and times 100 MB of ONNX
 * against the command.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomStream } from "@comhe/core";
import { launchChromium, type Served, skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxFile } from "../../../models/test/onnx-file.mjs";
import { choose, openPage, savedReport, servePage } from "./page-server.js";

const full = process.env.MODE === "full";
const megabytes = full ? 300 : 160;
const [count, dim] = full ? [2048, 2048] : [256, 4096];

if (skipReason) console.info(`large files in the page: skipped, ${skipReason}`);
else if (!full)
  console.info(
    "large files in the page: 300 MB, and how long ONNX takes, are skipped without --mode full, since they take minutes",
  );

describe.skipIf(skipReason !== undefined)("large files in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-large-"));
  let served: Served;
  let browser: Awaited<ReturnType<typeof launchChromium>>;

  beforeAll(async () => {
    served = await servePage(true);
    browser = await launchChromium([]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(folder, { recursive: true });
  });

  /** Layer by layer, so that this process stays small, too. Layers differ in their first row. */
  function writeSafetensors(name: string, layers: number): string {
    const data = randomStream(3, "large", 0).fillNormal(new Float32Array(count * dim));
    const size = data.byteLength;
    const tensors = Array.from({ length: layers }, (_, n) => [
      `layer${n}.weight`,
      { dtype: "F32", shape: [count, dim], data_offsets: [n * size, (n + 1) * size] },
    ]);
    const head = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(head.length));
    const file = openSync(join(folder, name), "w");
    writeSync(file, Buffer.concat([length, head]));
    for (let n = 0; n < layers; n++) {
      randomStream(n, "row", 0).fillNormal(data.subarray(0, dim));
      writeSync(file, new Uint8Array(data.buffer));
    }
    closeSync(file);
    return join(folder, name);
  }

  /** The most that all of the browser's processes for pages had in memory while `body` ran, in MB: anonymous pages, those of files don't count. */
  async function peakOf(body: () => Promise<void>): Promise<number> {
    const session = await browser.newBrowserCDPSession();
    let peak = 0;
    const look = async () => {
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      let sum = 0;
      for (const { id, type } of processInfo) if (type === "renderer") sum += anonymousOf(id);
      peak = Math.max(peak, sum);
    };
    const timer = setInterval(() => void look(), 50);
    await body();
    clearInterval(timer);
    await look();
    return peak;
  }

  test(`${megabytes} MB of safetensors at flat memory`, { timeout: 300_000 }, async () => {
    const peaks: number[] = [];
    const few = Math.ceil(megabytes / 10 / ((count * dim * 4) / 1e6));
    for (const layers of [few, Math.round((megabytes * 1e6) / (count * dim * 4))]) {
      const path = writeSafetensors(`${layers}.safetensors`, layers);
      const { page } = await openPage(served, {}, browser);
      const peak = await peakOf(async () => {
        expect(await choose(page, [path], 240_000)).toBe("done");
      });
      const report = await savedReport(page);
      expect(report.layers.length).toBe(layers);
      peaks.push(peak);
      console.info(
        `${layers} layers of ${count}×${dim}, ${Math.round((layers * count * dim * 4) / 1e6)} MB: ${(report.milliseconds / 1000).toFixed(1)} s, peak ${Math.round(peak)} MB`,
      );
      await page.close();
    }
    const [small, large] = peaks as [number, number];
    expect(small).toBeGreaterThan(10);
    // Ten times the file, and not half of what it has more. V8 lets some 64 MB of buffers that nobody needs any more pile up before it collects
    // them, which half of the file's size has to exceed.
    expect(large - small).toBeLessThan(megabytes * 0.45);
  });

  test.skipIf(!full)("100 MB of ONNX, at least half as fast as the command", { timeout: 300_000 }, async () => {
    const data = randomStream(5, "onnx", 0).fillNormal(new Float32Array(1024 * 1024));
    const matrices = Array.from({ length: 24 }, (_, n) => {
      const own = data.slice();
      randomStream(n, "row", 0).fillNormal(own.subarray(0, 1024));
      return { name: `layer${n}`, shape: [1024, 1024] as const, data: own };
    });
    const path = join(folder, "m.onnx");
    const file = openSync(path, "w");
    writeSync(file, onnxFile(matrices));
    closeSync(file);
    const main = fileURLToPath(new URL("../../../cli/dist/main.js", import.meta.url));
    const times: number[][] = [[], []];
    for (let round = 0; round < 2; round++) {
      const printed = execFileSync(process.execPath, [main, "audit", path, "--format", "json"], {
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 2 ** 28,
      });
      times[0]!.push(JSON.parse(String(printed)).milliseconds);
      const { page } = await openPage(served, {}, browser);
      expect(await choose(page, [path], 240_000)).toBe("done");
      times[1]!.push((await savedReport(page)).milliseconds);
      await page.close();
    }
    const [command, inPage] = times.map((each) => Math.min(...each)) as [number, number];
    console.info(`100 MB of ONNX: command ${(command / 1000).toFixed(1)} s, page ${(inPage / 1000).toFixed(1)} s`);
    expect(inPage).toBeLessThan(2 * command);
  });
});

function anonymousOf(process: number): number {
  try {
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${process}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) / 1000;
  } catch {
    // It ended meanwhile.
    return 0;
  }
}
