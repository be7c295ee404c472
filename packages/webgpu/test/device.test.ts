/** What the device keeps and cuts: memory over many steps, devices over and over, grids beyond dispatch counts, sums of many numbers, buffers. */
import { createEvaluator, createProgram, type EnergyConfig, energyAndGradient, randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { Engine } from "../src/device/engine.js";
import { openDevice } from "../src/device/open-device.js";
import { type Progress, webgpuBackend } from "../src/index.js";
import { directions } from "../src/pairs/directions.js";
import { pairwise } from "../src/pairs/pairwise.js";
import { sumRuns } from "../src/pairs/sum.js";
import { fillWith } from "../src/primitives/elementwise.js";
import { noGpu } from "./support/node-gpu.js";

const weights = (count: number, dim: number) => ({
  data: randomStream(1, "device", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});
const all = process.env.COMHE_ALL_CHECKS === "1";
/** A thousand unrolled steps take minutes of a GPU in software. */
const timeout = all ? 900_000 : 120_000;

const energies: Readonly<Record<string, EnergyConfig>> = {
  "no projection": { space: "half" },
  "random, the largest": { space: "half", projection: { kind: "random", dimension: 12, count: 3, reduce: "max" } },
  "adversarial, unrolled": {
    projection: { kind: "adversarial", dimension: 6, count: 2, steps: 2, learningRate: 0.02, through: "unrolled" },
  },
};

describe.skipIf(noGpu !== undefined)("on a device", () => {
  it.each(Object.entries(energies))(
    "steps give the same bits at flat memory, one submission each: %s",
    { timeout },
    async (_, config) => {
      const backend = await webgpuBackend();
      const evaluate = () => energyAndGradient(backend, config, weights(20, 24), { seed: 7 });
      const first = await evaluate();
      await evaluate();
      const before = backend.memory();
      const steps = all ? 1000 : 30;
      for (let step = 0; step < steps; step++) {
        const { energy, gradient } = await evaluate();
        if (energy !== first.energy) expect(energy, `step ${step}`).toBe(first.energy);
        if (gradient.some((value, n) => value !== first.gradient[n])) expect.fail(`step ${step}: another gradient`);
      }
      const after = backend.memory();
      expect({ ...after, submissions: 0 }).toEqual({ ...before, submissions: 0 });
      expect(after.submissions - before.submissions).toBe(steps);
      backend.dispose();
    },
  );

  it(`${all ? 200 : 20} devices, one after the other`, async () => {
    for (let n = 0; n < (all ? 200 : 20); n++) {
      const backend = await webgpuBackend();
      const sum = backend.combine([[2, backend.upload(Float32Array.of(n, 1), [1, 1, 2])]]);
      expect([...(await backend.download({ sum })).sum]).toEqual([2 * n, 2]);
      backend.dispose();
    }
  });

  it("grids beyond the dispatch counts, and sums of many numbers to seven digits", async () => {
    const engine = new Engine({ device: await openDevice(), ownsDevice: true });
    const [rows, size] = [66_000, 2 ** 20 + 1000];
    const read = await engine.download(
      engine.scope(() => {
        // 1, 1 + 2⁻²¹, … : one after the other in float32 they would lose a thousandth.
        const numbers = fillWith(engine, [1, size], 1, 2 ** -21);
        // A workgroup for each row.
        const { unit } = directions(engine, fillWith(engine, [1, rows, 1], -32_999.5, 1), 0);
        return { sum: sumRuns(engine, numbers, 1), unit };
      }),
    );
    let expected = 0;
    for (let n = 0; n < size; n++) expected += Math.fround(1 + 2 ** -21 * n);
    expect(Math.abs(read.sum[0]! / expected - 1)).toBeLessThan(2e-7);
    expect(read.unit.findIndex((value, n) => value !== (n < rows / 2 ? -1 : 1))).toBe(-1);
    engine.dispose();
  });

  it("work that takes long is cut into submissions, with progress, to the same bits", async () => {
    const { data, shape } = weights(70, 40);
    const evaluate = async (budget?: number) => {
      const seen: number[] = [];
      const onProgress = ({ done, submitted }: Progress) => void seen.push(done / submitted);
      const engine = new Engine({ device: await openDevice(), ownsDevice: true, budget, onProgress });
      const made = engine.scope(() => {
        const of = directions(engine, engine.upload(data, [1, ...shape]), 0);
        const pair = {
          potential: { kind: "riesz", s: 2, distance: "chordal" },
          space: "half",
          separationFloor: 0.01,
        } as const;
        const { energy, gradient } = pairwise(engine, of, pair, { panelBytes: 2 ** 20 });
        return { energy, gradient };
      });
      const read = await engine.download(made);
      const { submissions } = engine.memory();
      await engine.device.queue.onSubmittedWorkDone();
      await new Promise((resolve) => setTimeout(resolve, 20));
      engine.dispose();
      return { ...read, submissions, seen };
    };
    const [whole, cut] = [await evaluate(), await evaluate(20_000)];
    expect(whole.submissions).toBe(1);
    expect(cut.submissions).toBeGreaterThan(10);
    expect(cut.energy).toEqual(whole.energy);
    expect(cut.gradient).toEqual(whole.gradient);
    expect(cut.seen.length).toBe(cut.submissions);
    expect(cut.seen.at(-1)).toBe(1);
  });

  it("a step on buffers of another program is the step on host arrays", async () => {
    const backend = await webgpuBackend();
    const { device } = backend;
    const { data, shape } = weights(20, 24);
    const [count, dim] = shape;
    const config = energies["random, the largest"]!;
    const expected = await createEvaluator(backend, config, { seed: 7 }).evaluate({ data, shape });
    const own = device.createBuffer({ size: 4 * count * dim, usage: 0x80 | 0x8 });
    device.queue.writeBuffer(own, 0, data as Float32Array<ArrayBuffer>);
    const rows = backend.fromBuffer(own, [1, count, dim]);
    const program = createProgram(config, { seed: 7 });
    const composed = backend.scope(() => program.compose(backend, rows, { count, dim, rows: () => data }));
    const step = backend.toBuffer(composed.gradient);
    expect(step.size).toBe(4 * count * dim);
    // A copy by commands of our own.
    const read = device.createBuffer({ size: 4 * count * dim, usage: 0x1 | 0x8 });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(step, 0, read, 0, 4 * count * dim);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(1);
    expect(new Float32Array(read.getMappedRange())).toEqual(expected.gradient);
    const { energy } = await backend.download({ energy: composed.energy });
    expect(energy[0]).toBe(expected.energy);
    const arrays = backend.memory().arrays;
    // An array over a buffer of somebody else's is copied, and the buffer stays theirs.
    const copied = backend.toBuffer(backend.fromBuffer(own, [1, count, dim]));
    expect(copied).not.toBe(own);
    // Buffers are kept by size classes; who takes one gets the array's numbers alone.
    const three = backend.toBuffer(backend.upload(Float32Array.of(1, 2, 3), [3]));
    expect(three.size).toBe(12);
    expect(backend.memory().arrays).toBe(arrays);
    for (const buffer of [own, step, read, copied, three]) buffer.destroy();
    backend.dispose();
  });
});
