/** Our kernels on the device of tfjs's engine `webgpu`: tensors go in and come back as buffers, and tfjs's own work goes on around them. */
import { createEvaluator, createProgram, type EnergyConfig, randomStream } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type WebgpuBackend, webgpuBackend } from "../../src/index.js";
import { noGpu } from "../support/node-gpu.js";
import { startTfjsEngine } from "../support/tfjs-engine.js";

const [count, dim] = [19, 23];
const config: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 9, count: 2 } };
const seed = { seed: 4, name: "shared" };

describe.skipIf(noGpu !== undefined)("on tfjs's device", () => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    const { device } = await startTfjsEngine();
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    backend = await webgpuBackend({ device });
  }, 60_000);

  const tensorOf = (array: Parameters<typeof backend.toBuffer>[0], shape: number[]) => {
    const buffer = backend.toBuffer(array);
    const tensor = tf.tensor({ buffer }, shape);
    buffer.destroy();
    return tensor;
  };

  it("steps on tensors are those on host arrays, at flat memory", async () => {
    const evaluator = createEvaluator(backend, config, seed);
    const program = createProgram(config, seed);
    const weights = tf.variable(tf.randomNormal([count, dim], 0, 1, "float32", 7));
    const rows = () => {
      throw new Error("a step on tensors reads nothing");
    };
    const taken: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      const data = Float32Array.from(await weights.data<"float32">());
      const expected = await evaluator.evaluate({ data, shape: [count, dim] });
      // Before it a kernel of tfjs's that wasn't submitted yet, and behind it one that needs what ours made.
      const made = tf.tidy(() => {
        const { buffer } = tf.mul(weights, 1).dataToGPU();
        const found = backend.scope(() => {
          const of = backend.fromBuffer(buffer!, [1, count, dim]);
          const { energy, gradient } = program.compose(backend, of, { count, dim, rows });
          return { energy, gradient };
        });
        program.advance(undefined);
        const gradient = tensorOf(found.gradient, [count, dim]);
        const energy = tensorOf(found.energy, []);
        weights.assign(tf.sub(weights, tf.mul(gradient, 3)));
        return { energy, gradient };
      });
      expect([...(await made.energy.data())]).toEqual([expected.energy]);
      expect(await made.gradient.data()).toEqual(expected.gradient);
      tf.dispose(made);
      taken.push({ ...backend.memory(), submissions: 0, tensors: tf.memory().numTensors });
    }
    expect(taken[3]).toEqual(taken[2]);
  });

  it("training with it falls as far as the energy of host arrays says", async () => {
    const plain: EnergyConfig = { space: "half" };
    const data = randomStream(2, "rows", 0).fillNormal(new Float32Array(count * dim));
    const before = await createEvaluator(backend, plain).energy({ data, shape: [count, dim] });
    const program = createProgram(plain);
    const weights = tf.variable(tf.tensor2d(data, [count, dim]));
    const penalty = (of: tf.Tensor) => {
      const bound = tf.customGrad((...args) => {
        const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
        const { buffer } = tf.mul(x, 1).dataToGPU();
        const neurons = { count, dim, rows: () => data };
        const found = backend.scope(() => {
          const { energy, gradient } = program.compose(backend, backend.fromBuffer(buffer!, [1, count, dim]), neurons);
          return { energy, gradient };
        });
        save([tensorOf(found.gradient, [count, dim])]);
        const value = tensorOf(found.energy, []);
        return { value, gradFunc: (dy: tf.Tensor, [gradient]: tf.Tensor[]) => tf.mul(gradient!, dy) };
      });
      return bound(of) as tf.Scalar;
    };
    const optimizer = tf.train.momentum(20, 0.5);
    for (let step = 0; step < 10; step++) optimizer.minimize(() => tf.mul(2, penalty(weights)), false, [weights]);
    const after = Float32Array.from(await weights.data<"float32">());
    const { energy, gradient } = await createEvaluator(backend, plain).evaluate({ data: after, shape: [count, dim] });
    expect(energy).toBeLessThan(before - 0.01);
    const { value, grad } = tf.valueAndGrad((x) => penalty(x))(weights);
    expect([...(await value.data())]).toEqual([energy]);
    expect(await grad.data()).toEqual(gradient);
  });
});
