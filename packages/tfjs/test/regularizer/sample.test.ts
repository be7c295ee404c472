/** `sample`: each step takes some of a kernel's neurons; energy and gradient are core's, and a loaded model goes on with them. */
import { createEvaluator, energyAndGradient, type Layout, type ProjectionInput, referenceBackend } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { EnergyMonitor, hypersphericalEnergy, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, compile, mlp, saveAndLoad, train } from "../support/models.js";

const hosts = [
  ["tfjs", undefined],
  ["wasmBackend", await wasmBackend({ threads: 1 })],
] as const;

const strategies: readonly ProjectionInput[] = [
  { kind: "none" },
  { kind: "random", dimension: 6, count: 2 },
  { kind: "pca", dimension: 4, refresh: 2 },
  { kind: "adversarial", dimension: 6, count: 2 },
];

const kernels: readonly (readonly [string, readonly number[], Layout])[] = [
  ["dense", [9, 40], "neurons-last"],
  ["embedding", [40, 9], "neurons-first"],
  ["conv", [3, 3, 1, 40], "neurons-last"],
  ["depthwise", [3, 3, 20, 2], "depthwise"],
  ["transposed conv", [3, 3, 40, 1], { neuronAxes: [-2] }],
];

describe.each(backends)("on tfjs %s", (engine) => {
  beforeAll(() => useBackend(engine));

  describe.each(hosts)("computed by %s", (_, backend) => {
    it.each(kernels)("%s: energy and gradient are core's, at three steps", async (_name, shape, layout) => {
      for (const projection of strategies) {
        const config = { space: "half", projection, sample: 12 } as const;
        const kernel = tf.randomNormal([...shape], 0, 1, "float32", 4);
        const regularizer = hypersphericalEnergy({ ...config, weight: 3, seed: 5, name: "k", layout, backend });
        const evaluator = createEvaluator(referenceBackend(), config, { seed: 5, name: "k" });
        // The engine keeps a constant at its first use of some operations.
        const first = hypersphericalEnergy({ ...config, weight: 3, layout, backend });
        tf.dispose(tf.valueAndGrad((x) => first.apply(x))(kernel));
        first.dispose();
        const before = tf.memory().numTensors;
        for (let step = 0; step < 3; step++) {
          const { value, grad } = tf.valueAndGrad((x) => regularizer.apply(x))(kernel);
          const exact = await evaluator.evaluate({ data: kernel.dataSync<"float32">(), shape, layout });
          expect(value.dataSync()[0]! / (3 * exact.energy)).toBeCloseTo(1, 3);
          const largest = Math.max(...exact.gradient.map(Math.abs));
          grad.dataSync().forEach((entry, n) => {
            expect(Math.abs(entry / 3 - exact.gradient[n]!)).toBeLessThan(1e-3 * largest);
          });
          expect(exact.gradient.filter((entry) => entry !== 0).length).toBeLessThanOrEqual(12 * 9);
          tf.dispose([value, grad]);
        }
        regularizer.dispose();
        expect(tf.memory().numTensors).toBe(before);
        kernel.dispose();
      }
    });

    it("the mean over many steps is within three standard errors of energy and gradient of all neurons", async () => {
      const kernel = tf.randomNormal([9, 40], 0, 1, "float32", 6);
      const probe = tf.randomNormal([9, 40], 0, 1, "float32", 7);
      const [data, along] = [kernel.dataSync<"float32">(), probe.dataSync<"float32">()];
      const regularizer = hypersphericalEnergy({ space: "half", weight: 1, sample: 10, backend });
      const shape = [9, 40];
      const exact = await energyAndGradient(
        referenceBackend(),
        { space: "half" },
        { data, shape, layout: "neurons-last" },
      );
      const wanted = [exact.energy, Array.from(exact.gradient).reduce((sum, value, n) => sum + value * along[n]!, 0)];
      const seen: number[][] = [];
      for (let step = 0; step < 300; step++) {
        const pair = tf.tidy(() => {
          const { value, grad } = tf.valueAndGrad((x) => regularizer.apply(x))(kernel);
          return [value.dataSync()[0]!, tf.sum(tf.mul(grad, probe)).dataSync()[0]!];
        });
        seen.push(pair);
      }
      wanted.forEach((value, n) => {
        const mean = seen.reduce((sum, pair) => sum + pair[n]!, 0) / 300;
        const error = Math.sqrt(seen.reduce((sum, pair) => sum + (pair[n]! - mean) ** 2, 0) / 299 / 300);
        expect(Math.abs(mean - value) / error).toBeLessThan(3);
      });
      tf.dispose([kernel, probe]);
    });

    it("a loaded model goes on with identical losses", async () => {
      const { x, y } = classes();
      const projection = { kind: "random", dimension: 6, count: 2, refresh: 3 } as const;
      const regularize = (name: string) =>
        hypersphericalEnergy({ space: "half", projection, weight: 2, sample: 3, seed: 9, name, backend });
      const model = compile(mlp(regularize));
      await train(model, x, y, 4);
      const loaded = compile(await saveAndLoad(model));
      for (const layer of loaded.layers) {
        const own = (layer as unknown as { kernelRegularizer: ReturnType<typeof regularize> }).kernelRegularizer;
        expect(own.spec.sample).toBe(3);
        own.backend = backend;
      }
      const uninterrupted = await train(model, x, y, 6);
      expect(uninterrupted.every(Number.isFinite)).toBe(true);
      expect(await train(loaded, x, y, 6)).toEqual(uninterrupted);
    });
  });
});

describe("elsewhere", () => {
  beforeAll(() => useBackend("cpu"));

  it("a model's output layer is sampled, and the monitor measures the rows without a step", async () => {
    const kernelInitializer = tf.initializers.glorotNormal({ seed: 8 });
    const model = tf.sequential();
    model.add(tf.layers.dense({ name: "hidden", inputShape: [8], units: 16 }));
    model.add(tf.layers.dense({ name: "logits", units: 60, activation: "softmax", kernelInitializer }));
    const { regularized } = regularizeModel(model, { first: "skip", output: { sample: 20 }, seed: 3 });
    const [{ regularizer }] = regularized as [(typeof regularized)[number]];
    expect(regularizer.spec.sample).toBe(20);
    const monitor = new EnergyMonitor();
    const [first] = await monitor.record(model, 0);
    const [again] = await monitor.record(model, 1);
    expect(regularizer.step).toBe(0);
    expect(again).toEqual({ ...first, epoch: 1 });
    const kernel = model.layers[1]!.getWeights()[0]!;
    const all = await energyAndGradient(
      referenceBackend(),
      {},
      {
        data: kernel.dataSync<"float32">(),
        shape: [16, 60],
        layout: "neurons-last",
      },
    );
    expect(Math.abs(first!.unprojected / all.energy - 1)).toBeLessThan(0.05);
    expect(first!.unprojected).not.toBeCloseTo(all.energy, 8);
  });

  it("what can't be sampled is refused with what to do", () => {
    const make = (config: object) => () => hypersphericalEnergy({ weight: 1, ...config } as never);
    expect(make({ sample: 1 })).toThrow(/sample: expected a number ≥ 2, got 1/);
    expect(make({ sample: 64, projection: { kind: "bilateral", rank: 4 } })).toThrow(/sample: expected none with/);
    expect(make({ sample: 64, objective: { kind: "orthogonality" } })).toThrow(/isn't a mean over pairs/);
  });

  it("100,000 classes: the backend is given the sample alone", () => {
    const kernel = tf.randomNormal([64, 100_000], 0, 1, "float32", 1);
    const given: (readonly number[])[] = [];
    const wasm = hosts[1][1];
    const backend: typeof wasm = {
      ...wasm,
      upload(data, shape) {
        given.push(shape);
        return wasm.upload(data, shape);
      },
    };
    const regularizer = hypersphericalEnergy({ weight: 1, sample: 256, backend });
    const { grad } = tf.valueAndGrad((x) => regularizer.apply(x))(kernel);
    expect(given).toEqual([[1, 256, 64]]);
    const moved = tf.tidy(() => tf.sum(tf.cast(tf.any(tf.notEqual(grad, 0), 0), "int32")).dataSync()[0]);
    expect(moved).toBe(256);
    tf.dispose([kernel, grad]);
  });
});
