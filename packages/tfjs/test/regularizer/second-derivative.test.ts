/** Closed-form gradients have no derivative: asked for one, they say so, where a constant would count as 0. */
import { type EnergyConfig, energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import { energyOf, hypersphericalEnergy, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, mlp } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const config: EnergyConfig = { space: "half" };
const shape: [number, number] = [6, 9];
const data = normalArray(7, 54);
const refusal = expect.objectContaining({ code: "unsupported", message: expect.stringContaining("second derivative") });

const ways: Readonly<Record<string, (x: tf.Tensor) => tf.Scalar>> = {
  energyOf: (x) => energyOf(x, config) as tf.Scalar,
  "energyOf, another backend": (x) => energyOf(x, config, { backend: referenceBackend() }) as tf.Scalar,
  "energyOf, a batch": (x) => tf.sum(energyOf(tf.reshape(x, [1, 6, 9]), config)) as tf.Scalar,
  regularizer: (x) => hypersphericalEnergy({ ...config, weight: 1, layout: "neurons-first" }).apply(x),
  "regularizer, another backend": (x) =>
    hypersphericalEnergy({ ...config, weight: 1, layout: "neurons-first", backend: referenceBackend() }).apply(x),
};

describe.each(backends)("on tfjs's %s", (engine) => {
  beforeEach(() => useBackend(engine));

  it.each(Object.entries(ways))("%s: refused alone, and beside something that has one", (_, energy) => {
    const x = tf.tensor2d(data, shape);
    expect(() => tf.grad((at) => tf.sum(tf.grad(energy)(at)))(x)).toThrow(refusal);
    const both = (at: tf.Tensor) => tf.add(tf.sum(tf.square(at)), energy(at)) as tf.Scalar;
    expect(() => tf.grad((at) => tf.sum(tf.square(tf.grad(both)(at))))(x)).toThrow(refusal);
    // A gradient that was given up leaves tfjs able to take others.
    expect(
      tf
        .grad(energy)(x)
        .dataSync()
        .some((value) => value !== 0),
    ).toBe(true);
  });

  it.each(Object.entries(ways))(
    "%s: the derivative by what the gradient is multiplied with goes on",
    async (_, energy) => {
      const x = tf.tensor2d(data, shape);
      const along = tf.tensor2d(normalArray(8, 54), shape);
      // d/da of ⟨∂(a·E)/∂x, v⟩ = ⟨∂E/∂x, v⟩: no second derivative by x.
      const of = (a: tf.Tensor) => tf.sum(tf.mul(tf.grad((at) => tf.mul(a, energy(at)) as tf.Scalar)(x), along));
      const slope = tf.grad(of)(tf.scalar(3));
      const { gradient } = await energyAndGradient(referenceBackend(), config, { data, shape });
      const expected = Array.from(gradient).reduce((sum, value, n) => sum + value * along.dataSync()[n]!, 0);
      expectClose(slope.dataSync(), [expected], 1e-3, "slope");
    },
  );

  it("a gradient penalty on the inputs doesn't meet the kernels' energies, which stay in the outer loss", () => {
    const { x, y } = classes();
    const model = mlp();
    const { regularized } = regularizeModel(model, {
      hidden: { weight: 3, projection: { kind: "none" } },
      output: false,
    });
    const task = (input: tf.Tensor) => tf.mean(tf.square(tf.sub(model.apply(input) as tf.Tensor, y)));
    const { grads, value } = tf.variableGrads(() => {
      const slopes = tf.grad((input) => task(input))(x);
      return tf.addN([task(x), tf.sum(tf.square(slopes)), ...model.calculateLosses()]) as tf.Scalar;
    });
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(Object.keys(grads)).toHaveLength(6);
    expect(regularized.map(({ regularizer }) => regularizer.step)).toEqual([1, 1]);
  });
});
