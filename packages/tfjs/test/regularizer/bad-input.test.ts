/** Wrong options and wrong kernels: an EnergyError that says where. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { combineRegularizers, hypersphericalEnergy } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, compile, mlp, train } from "../support/models.js";

/** JavaScript users get no type errors. */
const untyped = hypersphericalEnergy as (options: unknown) => ReturnType<typeof hypersphericalEnergy>;

test.each([
  ["a weight below 0", { weight: -1 }, "invalid-config", /^weight: expected a number ≥ 0, got -1/],
  ["a weight that isn't a number", { weight: "1" }, "invalid-config", /^weight: .* got "1"/],
  ["no weight", {}, "invalid-config", /^weight: .* got nothing\. .*suggestWeight/],
  ["no options", undefined, "invalid-config", /^weight: /],
  ["an unknown key", { weight: 1, power: 2 }, "invalid-config", /unknown key "power", expected weight, layout/],
  ["a misspelled weight", { wieght: 1 }, "invalid-config", /unknown key "wieght", expected weight/],
  [
    "an unknown layout",
    { weight: 1, layout: "rows" },
    "invalid-shape",
    /^Unknown layout "rows": expected "neurons-first", "neurons-last", "depthwise"/,
  ],
  ["a backend's maker", { weight: 1, backend: () => {} }, "invalid-config", /got a function: call it/],
  [
    "an unknown strategy",
    { weight: 1, projection: { kind: "pcaa" } },
    "invalid-config",
    /^projection\.kind: .*"random".*"pcaa"/,
  ],
  [
    "k ≤ s + 1",
    { weight: 1, projection: { kind: "random", dimension: 3 } },
    "invalid-config",
    /^projection\.dimension: /,
  ],
  ["a seed below 0", { weight: 1, seed: -1 }, "invalid-config", /^seed: /],
])("%s", (_, options, code, message) => {
  expect(() => untyped(options)).toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test("k ≤ 2s + 1 is a warning", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  hypersphericalEnergy({ weight: 1, projection: { kind: "random", dimension: 5 } });
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("infinite variance"));
  warn.mockRestore();
});

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("a layout that doesn't fit the kernel", () => {
    const regularizer = untyped({ weight: 1, layout: { neuronAxes: [4] }, name: "Dense_A1/kernel" });
    expect(() => regularizer.apply(tf.ones([3, 4]))).toThrowError(
      expect.objectContaining({
        code: "invalid-shape",
        message: expect.stringMatching(/^Dense_A1\/kernel: .*\[3, 4\]/),
      }),
    );
  });

  test("an unknown layout", () => {
    expect(() => untyped({ weight: 1, layout: "rows" }).apply(tf.ones([3, 4]))).toThrowError(
      expect.objectContaining({ code: "invalid-shape" }),
    );
  });

  test("the bare formula, which tensors can't check", () => {
    expect(() => untyped({ weight: 1, separationFloor: 0 }).apply(tf.ones([3, 4]))).toThrowError(
      expect.objectContaining({ code: "unsupported" }),
    );
  });

  test("NaN weights give a NaN loss rather than a wrong one", async () => {
    const { x, y } = classes();
    const model = compile(mlp((name) => hypersphericalEnergy({ space: "half", weight: 1, name })));
    const [kernel, ...others] = model.layers[1]!.getWeights();
    const broken = kernel!.dataSync().slice();
    broken[3] = Number.NaN;
    model.layers[1]!.setWeights([tf.tensor(broken, kernel!.shape), ...others]);
    expect(await train(model, x, y, 1)).toEqual([Number.NaN]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("the penalty of %s is NaN", (value) => {
    for (const space of ["full", "half"] as const) {
      const kernel = tf.tensor2d([1, 2, 3, value, 5, 6], [2, 3]);
      expect(hypersphericalEnergy({ space, weight: 1 }).apply(kernel).dataSync()[0]).toBeNaN();
    }
  });
});

test("a sum of nothing, or of something else", () => {
  for (const parts of [[], [undefined], [{}]]) {
    expect(() => combineRegularizers(parts as never)).toThrowError(expect.objectContaining({ code: "invalid-config" }));
  }
});
