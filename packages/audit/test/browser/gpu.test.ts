/** The page on a GPU, which SwiftShader plays: asked for by the page's address it computes, and otherwise it is left alone, since software isn't faster. */
import { randomStream } from "@comhe/core";
import { launchChromium, type Served, skipReason, softwareGpu } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { safetensorsBytes } from "../../../models/test/weights-files.js";
import { choose, given, openPage, savedReport, servePage } from "./page-server.js";

if (skipReason) console.info(`the page on a GPU: skipped, ${skipReason}`);

/** Without the last, SwiftShader takes five times as long to compile a kernel. */
const flags = [...softwareGpu, "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"];
const minutes = (count: number) => count * 60_000;

const data = randomStream(7, "gpu", 0).fillNormal(new Float32Array(60 * 16));
data.copyWithin(10 * 16, 0, 16);
const bytes = new Uint8Array(data.buffer);
const file = given(
  "a.safetensors",
  safetensorsBytes([{ name: "blocks.0.weight", dtype: "F32", shape: [60, 16], bytes }]),
);

describe.skipIf(skipReason !== undefined)("the page on a GPU", () => {
  let served: Served;
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  beforeAll(async () => {
    served = await servePage(false);
    browser = await launchChromium(flags);
  }, minutes(1));
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  const audit = async (query: string) => {
    const { page, complaints } = await openPage(served, {}, browser, query);
    expect(await choose(page, [file], minutes(2)), await page.locator("main").innerText()).toBe("done");
    const said = await page.locator("main").innerText();
    const [layer] = (await savedReport(page)).layers;
    await page.close();
    expect(complaints).toEqual([]);
    return { said, layer: layer! };
  };

  test(
    "of software: only where it is asked for, with the same numbers",
    async () => {
      const processors = await audit("");
      expect(processors.said).toContain("by WebAssembly");
      const gpu = await audit("?backend=webgpu");
      expect(gpu.said).toMatch(/by WebGPU, .*which is software/i);
      expect(gpu.layer.groups).toEqual(processors.layer.groups);
      expect(gpu.layer.energyHalf / processors.layer.energyHalf).toBeCloseTo(1, 4);
      expect(gpu.layer.effectiveRank / processors.layer.effectiveRank).toBeCloseTo(1, 4);
    },
    minutes(4),
  );
});
