/** One penalty for all kernels on a backend of the user's: the same training, fewer operations. */
import { fromNeurons, type Layout, referenceBackend, toNeurons } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type HostBackend, hypersphericalEnergy, modelPenalty, regularizeModel, useBackend } from "../../src/index.js";
import { useBackend as useTfjs } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, compile, mlp, train } from "../support/models.js";

const backend = referenceBackend();
const options = {
  hidden: { projection: { kind: "random", dimension: 6, count: 2 }, weight: 30 },
  output: { weight: 10 },
  first: "projected",
  backend,
} as const;

const weightsOf = (model: tf.LayersModel) => model.getWeights().map((weight) => Array.from(weight.dataSync()));

/** What tfjs-layers trains, inside of a sequential model. */
const trained = (model: tf.LayersModel) => (model as { model?: tf.LayersModel }).model ?? model;

/** Each kernel's penalty on its own, as tfjs-layers does it. */
function separate(model: tf.LayersModel): tf.LayersModel {
  expect(Object.hasOwn(trained(model), "calculateLosses")).toBe(true);
  Reflect.deleteProperty(trained(model), "calculateLosses");
  return model;
}

/** 6-6-3, whose hidden layer is applied twice, in a model inside another. */
function nested(): tf.LayersModel {
  const dense = (name: string, units: number, seed: number) =>
    tf.layers.dense({ name, units, kernelInitializer: tf.initializers.heNormal({ seed }) });
  const input = tf.input({ shape: [6] });
  const twice = dense("twice", 6, 2);
  const inner = tf.model({
    name: "inner",
    inputs: input,
    outputs: twice.apply(twice.apply(input)) as tf.SymbolicTensor,
  });
  const outer = tf.input({ shape: [12] });
  const first = dense("first", 6, 1).apply(outer) as tf.SymbolicTensor;
  const middle = inner.apply(first) as tf.SymbolicTensor;
  return tf.model({ inputs: outer, outputs: dense("logits", 3, 3).apply(middle) as tf.SymbolicTensor });
}

describe.each(["cpu", "wasm"] as const)("on the tfjs engine %s", (engine) => {
  beforeAll(() => useTfjs(engine));

  test.each([
    ["a sequential model", () => mlp()],
    ["a layer applied twice in a model inside another", nested],
  ])("%s trains as with separate penalties, to the last bit of its weights", async (_title, make) => {
    const { x, y } = classes();
    const [joint, apart] = [make(), make()];
    regularizeModel(joint, options);
    regularizeModel(apart, options);
    const losses = await train(compile(joint), x, y, 4);
    expectClose(losses, await train(separate(compile(apart)), x, y, 4), 1e-6, "losses");
    expect(weightsOf(joint)).toEqual(weightsOf(apart));
  });
});

/** Dense 12-6-6-6-6-3. */
function deep(): tf.Sequential {
  const model = tf.sequential();
  for (let index = 0; index < 4; index++) {
    const kernelInitializer = tf.initializers.heNormal({ seed: index + 1 });
    model.add(tf.layers.dense({ units: 6, kernelInitializer, ...(index === 0 ? { inputShape: [12] } : {}) }));
  }
  model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.heNormal({ seed: 9 }) }));
  return model;
}

/** Counts the calls. */
function counting() {
  let calls = 0;
  const made: HostBackend = {
    ...(backend as HostBackend),
    pairwise: ((directions: never, pair: never) => {
      calls++;
      return backend.pairwise(directions, pair);
    }) as never,
  };
  return { backend: made, calls: () => calls };
}

/** As the native backend does: kernels are read, and gradients written, where they lie. Counts the calls. */
function inPlace() {
  let calls = 0;
  const made: HostBackend = {
    ...(backend as HostBackend),
    pairwiseOfKernel: ({ count, dim, neurons, normEpsilon }, pair) => {
      const layout = neurons === "rows" ? "neurons-first" : "neurons-last";
      const shape = neurons === "rows" ? [count, dim] : [dim, count];
      return (numbers, times, into) => {
        calls++;
        const { data } = toNeurons({ data: numbers, shape, layout });
        const { energy, gradient } = backend.pairwise(
          backend.directions(backend.upload(data, [1, count, dim]), normEpsilon),
          pair,
        );
        const read = backend.download({ energy, gradient }) as Record<string, Float64Array>;
        into.set(fromNeurons(read.gradient!, shape, layout).map((x) => times * Math.fround(x)));
        return read.energy![0]!;
      };
    },
  };
  return { backend: made, calls: () => calls };
}

test("layers of one shape are one call of the backend, and train as each of them alone", async () => {
  await useTfjs("wasm");
  const counted = counting();
  const { x, y } = classes();
  const [joint, apart] = [deep(), deep()];
  const settings = { projection: { kind: "none" }, space: "half", weight: 30 } as const;
  regularizeModel(joint, { hidden: settings, backend: counted.backend });
  regularizeModel(apart, { hidden: settings, backend });
  const losses = await train(compile(joint), x, y, 3);
  // 12-6, three times 6-6, and 6-3, in each step.
  expect(counted.calls()).toBe(3 * 3);
  expectClose(losses, await train(separate(compile(apart)), x, y, 3), 1e-6, "losses");
  expect(weightsOf(joint)).toEqual(weightsOf(apart));
});

test("kernels are read and their gradients written where they lie, if the backend can: the same training", async () => {
  await useTfjs("wasm");
  const counted = inPlace();
  const { x, y } = classes();
  const [lying, gathered] = [deep(), deep()];
  const settings = { projection: { kind: "none" }, space: "half", weight: 30 } as const;
  regularizeModel(lying, { hidden: settings, backend: counted.backend });
  regularizeModel(gathered, { hidden: settings, backend });
  const losses = await train(compile(lying), x, y, 3);
  expect(counted.calls()).toBe(3 * 5);
  expectClose(losses, await train(compile(gathered), x, y, 3), 1e-6, "losses");
  // The gradient times the weight is rounded on the way.
  const expected = weightsOf(gathered);
  for (const [n, weights] of weightsOf(lying).entries()) expectClose(weights, expected[n]!, 1e-6, `weights ${n}`);
});

test("where they lie, whatever the loss is multiplied with, and in whatever layout", async () => {
  await useTfjs("wasm");
  const gradientOf = (by: HostBackend, layout: Layout, shape: number[]) =>
    tf.tidy(() => {
      const energy = hypersphericalEnergy({ space: "half", weight: 4, layout, backend: by });
      const kernel = tf.randomNormal(shape, 0, 1, "float32", 5);
      return Array.from(
        tf
          .grad((of) => tf.mul(energy.apply(of), -2.5))(kernel)
          .dataSync(),
      );
    });
  for (const [layout, shape, calls] of [
    ["neurons-last", [3, 2, 5], 1],
    ["neurons-first", [6, 5], 1],
    ["depthwise", [3, 3, 2, 2], 1],
    [{ neuronAxes: [1] }, [3, 4, 2], 0],
  ] as const) {
    const counted = inPlace();
    const gradient = gradientOf(counted.backend, layout, [...shape]);
    expect(counted.calls()).toBe(calls);
    expectClose(gradient, gradientOf(backend as HostBackend, layout, [...shape]), 1e-6, JSON.stringify(layout));
  }
});

test("two models in one loss keep their gradients apart, and a step that asks for none leaves the next one whole", async () => {
  await useTfjs("wasm");
  const models = [deep(), deep()];
  const counted = inPlace();
  for (const [index, model] of models.entries()) {
    regularizeModel(model, {
      hidden: { projection: { kind: "none" }, space: "half", weight: 2 + index },
      backend: counted.backend,
    });
  }
  const gradientsOf = (of: readonly tf.LayersModel[]) => {
    const { grads } = tf.variableGrads(() => tf.addN(of.map((model) => modelPenalty(model))) as tf.Scalar);
    return Object.entries(grads).map(([name, gradient]) => [name, Array.from(gradient.dataSync())] as const);
  };
  const alone = models.flatMap((model) => gradientsOf([model]));
  expect(alone).toHaveLength(10);
  tf.tidy(() => models.map((model) => modelPenalty(model)));
  for (let turn = 0; turn < 2; turn++) {
    expect(Object.fromEntries(gradientsOf(models))).toEqual(Object.fromEntries(alone));
  }
});

test("one tensor joins the losses, however many kernels there are", async () => {
  await useTfjs("wasm");
  const model = mlp();
  regularizeModel(model, { hidden: { projection: { kind: "none" } }, backend });
  compile(model);
  const joint = tf.tidy(() =>
    trained(model)
      .calculateLosses()
      .map((loss) => loss.dataSync()[0]!),
  );
  expect(joint).toHaveLength(1);
  const layers = tf.tidy(() =>
    model.layers.flatMap((layer) => layer.calculateLosses().map((loss) => loss.dataSync()[0]!)),
  );
  expect(layers).toHaveLength(3);
  expectClose(joint, [layers.reduce((sum, loss) => sum + loss, 0)], 1e-6, "sum");
});

test("losses of other kinds, and energies that tfjs computes, stay beside it", async () => {
  await useTfjs("wasm");
  const config = { space: "half", weight: 2 } as const;
  const model = mlp((name) => {
    if (name === "logits") return tf.regularizers.l2({ l2: 0.1 });
    return hypersphericalEnergy({ ...config, name });
  });
  compile(model);
  const before = tf.tidy(() =>
    trained(model)
      .calculateLosses()
      .map((loss) => loss.dataSync()[0]!),
  );
  const regularizers = useBackend(model, backend);
  expect(regularizers).toHaveLength(2);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const joint = tf.tidy(() =>
    trained(model)
      .calculateLosses()
      .map((loss) => loss.dataSync()[0]!),
  );
  expect(joint).toHaveLength(2);
  expectClose([sum(joint)], [sum(before)], 1e-5, "sum");
  // One of them on tensors again.
  regularizers[0]!.backend = undefined;
  const mixed = tf.tidy(() =>
    trained(model)
      .calculateLosses()
      .map((loss) => loss.dataSync()[0]!),
  );
  expect(mixed).toHaveLength(3);
  expectClose([sum(mixed)], [sum(before)], 1e-5, "sum");
});

test("an error names its kernel, and the next step is whole", async () => {
  await useTfjs("wasm");
  const model = mlp();
  const { regularized } = regularizeModel(model, options);
  compile(model);
  const broken = {
    ...backend,
    name: "broken",
    pairwise: () => {
      throw new Error("out of order");
    },
  };
  regularized[1]!.regularizer.backend = broken as never;
  const losses = () =>
    tf.tidy(() =>
      trained(model)
        .calculateLosses()
        .map((loss) => loss.dataSync()[0]!),
    );
  expect(losses).toThrow("out of order");
  regularized[1]!.regularizer.backend = backend;
  expect(losses()).toHaveLength(1);
});
