/** regularizeModel: roles, settings, what is left alone, and what is refused. */
import { energyAndGradient, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  combineRegularizers,
  findEnergy,
  hypersphericalEnergy,
  kernelSites,
  type RegularizeModelOptions,
  type RegularizeReport,
  regularizeModel,
  SumRegularizer,
} from "../../src/index.js";
import { useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, compile, mlp, train } from "../support/models.js";

const untyped = regularizeModel as (model: unknown, options?: unknown) => RegularizeReport;
const small = { projection: { kind: "random", dimension: 6, count: 2 } } as const;
const rolesOf = ({ regularized }: RegularizeReport) =>
  regularized.map(({ layer, weight, role }) => `${layer}/${weight}: ${role}`);

beforeAll(() => useBackend("cpu"));

/** Penalty of the model at its current weights: the loss of a step less the loss of the test function. */
async function penalty(model: tf.LayersModel): Promise<number> {
  const { x, y } = classes();
  const without = (model.evaluate(x, y) as tf.Scalar).dataSync()[0]!;
  return (await train(model, x, y, 1))[0]! - without;
}

describe("settings", () => {
  test("the authors' by default", () => {
    const { regularized, skipped } = regularizeModel(mlp());
    expect(rolesOf({ regularized, skipped })).toEqual([
      "Dense_A1/kernel: first",
      "hidden_layer2/kernel: hidden",
      "logits/kernel: output",
    ]);
    expect(skipped).toEqual([]);
    const [first, hidden, output] = regularized.map(({ regularizer: { spec, weight } }) => ({ ...spec, weight }));
    const potential = { kind: "riesz", s: 2, distance: "chordal" };
    expect(first).toMatchObject({ potential, space: "half", projection: { kind: "none" }, weight: 1 });
    const projection = { kind: "random", dimension: 30, count: 20, distribution: "gaussian", refresh: 1 };
    expect(hidden).toMatchObject({ potential, space: "half", projection, weight: 1 });
    expect(output).toMatchObject({ potential, space: "full", projection: { kind: "none" }, weight: 10 });
  });

  test("the user's keys replace the defaults, undefined asks for them", () => {
    const { regularized } = regularizeModel(mlp(), {
      hidden: { weight: 300, projection: { kind: "group", groups: 2 }, space: undefined },
      output: { weight: 5 },
      first: "projected",
    });
    expect(regularized.map(({ regularizer: { weight } }) => weight)).toEqual([300, 300, 5]);
    expect(regularized.map(({ regularizer: { spec } }) => spec.space)).toEqual(["half", "half", "full"]);
    expect(regularized.map(({ regularizer: { spec } }) => spec.projection.kind)).toEqual(["group", "group", "none"]);
  });

  test("one seed, a stream for each layer", () => {
    const { regularized } = regularizeModel(mlp(), { hidden: small, seed: 12 });
    expect(regularized.map(({ regularizer }) => [regularizer.state().seed, regularizer.name])).toEqual([
      [12, "Dense_A1/kernel"],
      [12, "hidden_layer2/kernel"],
      [12, "logits/kernel"],
    ]);
  });

  test.each<[string, RegularizeModelOptions, string[]]>([
    ["hidden: false", { hidden: false }, ["logits"]],
    ["output: false", { output: false }, ["Dense_A1", "hidden_layer2"]],
    ['first: "skip"', { first: "skip" }, ["hidden_layer2", "logits"]],
    ["skip by name", { skip: ["hidden_layer2"] }, ["Dense_A1", "logits"]],
    ["skip by function", { skip: [(layer) => layer.name.startsWith("Dense")] }, ["hidden_layer2", "logits"]],
  ])("%s", (_, options, expected) => {
    const { regularized, skipped } = regularizeModel(mlp(), { ...options });
    expect(regularized.map(({ layer }) => layer)).toEqual(expected);
    expect(skipped.length).toBe(3 - expected.length);
    for (const { reason } of skipped) expect(reason).not.toBe("");
  });

  test("a skipped output layer doesn't make the one before it the output", () => {
    expect(rolesOf(regularizeModel(mlp(), { skip: ["logits"] }))).toEqual([
      "Dense_A1/kernel: first",
      "hidden_layer2/kernel: hidden",
    ]);
  });
});

describe("the penalty in training", () => {
  test.each(["before", "after"])("is what core computes, added %s the model is compiled", async (when) => {
    const model = mlp();
    if (when === "after") compile(model);
    regularizeModel(model, { hidden: { ...small, weight: 7 }, seed: 3 });
    if (when === "before") compile(model);
    const kernels = model.layers.map((layer) => layer.getWeights()[0]!);
    const expected = await Promise.all(
      kernels.map(async (kernel, n) => {
        const weights = { data: kernel.dataSync<"float32">(), shape: kernel.shape, layout: "neurons-last" } as const;
        const config = n === 2 ? {} : n === 1 ? ({ space: "half", ...small } as const) : ({ space: "half" } as const);
        const name = `${model.layers[n]!.name}/kernel`;
        const { energy } = await energyAndGradient(referenceBackend(), config, weights, { seed: 3, name });
        return (n === 2 ? 10 : 7) * energy;
      }),
    );
    expectClose([await penalty(model)], [expected.reduce((sum, value) => sum + value)], 1e-5, "penalty");
  });

  test("weight decay stays beside it", async () => {
    const decay = tf.regularizers.l2({ l2: 0.3 });
    const [both, energyOnly, decayOnly] = [mlp(() => decay), mlp(), mlp(() => decay)].map((model) => compile(model));
    for (const model of [both!, energyOnly!]) regularizeModel(model, { hidden: small });
    expect(kernelSites(both!.layers[0]!).sites[0]!.regularizer).toBeInstanceOf(SumRegularizer);
    const [sum, one, other] = [await penalty(both!), await penalty(energyOnly!), await penalty(decayOnly!)];
    expectClose([sum], [one + other], 1e-6, "penalty");
  });

  test("losses of the user's own are left as they are, and aren't called", async () => {
    let calls = 0;
    const model = compile(mlp());
    const own = () => {
      calls++;
      return tf.scalar(100);
    };
    model.layers[0]!.addLoss(own);
    const plain = compile(mlp());
    regularizeModel(model, { hidden: small });
    regularizeModel(plain, { hidden: small });
    const difference = (await penalty(model)) - (await penalty(plain));
    expectClose([difference], [100], 1e-5, "own loss");
    expect(model.layers[0]!.losses).toContain(own);
    expect(calls).toBeGreaterThan(0);
  });
});

describe("graphs", () => {
  test("two outputs, reached through activations, and a shared trunk", () => {
    const input = tf.input({ shape: [12] });
    const dense = (name: string, units: number) => tf.layers.dense({ name, units });
    const trunk = dense("trunk", 8).apply(input);
    const middle = dense("middle", 8).apply(tf.layers.reLU().apply(trunk));
    const normed = tf.layers.batchNormalization().apply(middle);
    const one = tf.layers.softmax().apply(dense("one", 3).apply(normed)) as tf.SymbolicTensor;
    const two = tf.layers.activation({ activation: "tanh" }).apply(dense("two", 4).apply(trunk)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [one, two] });
    const roles = rolesOf(regularizeModel(model, { hidden: small }));
    expect(roles.sort()).toEqual([
      "middle/kernel: hidden",
      "one/kernel: output",
      "trunk/kernel: first",
      "two/kernel: output",
    ]);
  });

  test("two inputs have two first layers", () => {
    const inputs = [tf.input({ shape: [4] }), tf.input({ shape: [5] })];
    const branches = inputs.map((input, n) => tf.layers.dense({ name: `branch${n}`, units: 6 }).apply(input));
    const joined = tf.layers.concatenate().apply(branches as tf.SymbolicTensor[]);
    const output = tf.layers.dense({ name: "joined", units: 3 }).apply(joined) as tf.SymbolicTensor;
    expect(rolesOf(regularizeModel(tf.model({ inputs, outputs: output })))).toEqual([
      "branch0/kernel: first",
      "branch1/kernel: first",
      "joined/kernel: output",
    ]);
  });

  test("nested models and time-distributed layers are opened, and train", async () => {
    const inner = tf.sequential({ name: "encoder" });
    inner.add(tf.layers.dense({ name: "shared_name", units: 9, inputShape: [12] }));
    inner.add(tf.layers.dense({ name: "code", units: 8 }));
    const input = tf.input({ shape: [12] });
    const steps = tf.layers.reshape({ targetShape: [2, 4] }).apply(inner.apply(input));
    const each = tf.layers.timeDistributed({ name: "each", layer: tf.layers.dense({ name: "step", units: 5 }) });
    const flat = tf.layers.flatten().apply(each.apply(steps)) as tf.SymbolicTensor;
    const head = tf.layers.dense({ name: "shared_name", units: 3, activation: "softmax" });
    const model = compile(tf.model({ inputs: input, outputs: head.apply(flat) as tf.SymbolicTensor }));
    const report = regularizeModel(model, { hidden: { projection: { kind: "none" } } });
    expect(rolesOf(report)).toEqual([
      "encoder/shared_name/kernel: first",
      "encoder/code/kernel: hidden",
      "each/step/kernel: hidden",
      "shared_name/kernel: output",
    ]);
    const { x, y } = classes();
    await train(model, x, y, 2);
    expect(report.regularized.map(({ regularizer }) => regularizer.step)).toEqual([2, 2, 2, 2]);
  });

  test("a nested model's name in skip stands for all of it", () => {
    const inner = tf.sequential({ name: "encoder" });
    inner.add(tf.layers.dense({ name: "a", units: 9, inputShape: [12] }));
    inner.add(tf.layers.dense({ name: "b", units: 8 }));
    const model = tf.sequential({ layers: [inner, tf.layers.dense({ name: "c", units: 3 })] });
    const { regularized, skipped } = regularizeModel(model, { skip: ["encoder"] });
    expect(regularized.map(({ layer, role }) => [layer, role])).toEqual([["c", "output"]]);
    expect(skipped.map(({ layer }) => layer)).toEqual(["encoder/a", "encoder/b"]);
  });

  test("both kernels of a separable convolution; its pointwise one is the output", () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: "conv", filters: 4, kernelSize: 3, inputShape: [6, 6, 1] }),
        tf.layers.separableConv2d({ name: "separable", filters: 3, kernelSize: 3 }),
        tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
      ],
    });
    expect(rolesOf(regularizeModel(model))).toEqual([
      "conv/kernel: first",
      "separable/depthwiseKernel: hidden",
      "separable/pointwiseKernel: output",
    ]);
  });

  test("recurrent layers have a matrix for each gate; unknown ones are reported, never guessed", () => {
    class Scaled extends tf.layers.Layer {
      static className = "Scaled";
      override build(shape: tf.Shape): void {
        this.addWeight("scale", [shape[shape.length - 1]!, 2], "float32", tf.initializers.ones());
        super.build(shape);
      }
    }
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ name: "words", inputDim: 20, outputDim: 6, inputLength: 4 }),
        tf.layers.lstm({ name: "lstm", units: 4, returnSequences: true }),
        tf.layers.bidirectional({
          name: "both_ways",
          layer: tf.layers.gru({ units: 4 }) as tf.RNN,
          mergeMode: "concat",
        }),
        new Scaled({ name: "scaled" }),
        tf.layers.dense({ name: "logits", units: 2 }),
      ],
    });
    const { regularized, skipped } = regularizeModel(model);
    const of = (name: string) => regularized.filter(({ layer }) => layer === name);
    expect(of("words").map(({ role }) => role)).toEqual(["first"]);
    expect(of("lstm").map(({ role }) => role)).toEqual(new Array(8).fill("hidden"));
    expect(of("both_ways").map(({ role }) => role)).toEqual(new Array(12).fill("hidden"));
    expect(of("logits").map(({ role }) => role)).toEqual(["output"]);
    expect(regularized).toHaveLength(22);
    expect(skipped.map(({ layer, reason }) => [layer, /isn't known/.exec(reason)?.[0]])).toEqual([
      ["scaled", "isn't known"],
    ]);
  });

  test("frozen layers are left alone", () => {
    const model = mlp();
    model.layers[1]!.trainable = false;
    const { regularized, skipped } = regularizeModel(model);
    expect(regularized.map(({ layer }) => layer)).toEqual(["Dense_A1", "logits"]);
    expect(skipped).toEqual([
      { layer: "hidden_layer2", weight: "kernel", reason: expect.stringContaining("trainable") as string },
    ]);
  });

  test("a layer on its own has no kernel before it is built", () => {
    const { sites, problem } = kernelSites(tf.layers.dense({ units: 3 }));
    expect(sites).toEqual([]);
    expect(problem).toMatch(/build/);
  });
});

describe("refused, and nothing changed", () => {
  const refused = (model: unknown, options: unknown, message: RegExp) => {
    expect(() => untyped(model, options)).toThrowError(
      expect.objectContaining({ code: "invalid-config", message: expect.stringMatching(message) }),
    );
    if (!(model instanceof tf.LayersModel)) return;
    for (const layer of model.layers) expect(layer.losses.length).toBeLessThanOrEqual(1);
    const first = kernelSites(model.layers[0]!).sites[0]?.regularizer;
    expect(findEnergy(first)).toBeUndefined();
  };

  test("an unknown name in skip, with the names there are", () => {
    refused(mlp(), { skip: ["hiden"] }, /"hiden".*"Dense_A1", "hidden_layer2", "logits"/);
  });
  test("an unknown option, role or first", () => {
    refused(mlp(), { hiden: {} }, /"hiden".*hidden, output, first, skip, seed/);
    refused(mlp(), { first: "none" }, /^first: .*"none"/);
  });
  test("a config that is wrong, naming the layer", () => {
    refused(mlp(), { hidden: { power: 2 } }, /^Layer "Dense_A1", kernel of shape \[12, 10\], first: .*"power"/);
  });
  test("a projection the shape can't carry, naming the layer", () => {
    const projection = { kind: "random", dimension: 11, distribution: "orthogonal" };
    refused(
      mlp(),
      { hidden: { projection } },
      /^Layer "hidden_layer2", kernel of shape \[10, 8\], hidden: .*at most 10/,
    );
    refused(mlp(), { output: { projection: { kind: "group", groups: 9 } } }, /^Layer "logits".*at most 8/);
  });
  test("a layer that has it already, also inside a sum", () => {
    const energy = hypersphericalEnergy({ weight: 1 });
    const sum = combineRegularizers([tf.regularizers.l2({ l2: 0.1 }), energy]);
    for (const regularizer of [energy, sum]) {
      const model = mlp((name) => (name === "hidden_layer2" ? regularizer : undefined));
      refused(model, {}, /^Layer "hidden_layer2": its kernel already has/);
    }
  });
  test("a model without kernels, and what isn't a model", () => {
    const model = tf.sequential({ layers: [tf.layers.layerNormalization({ name: "norm", inputShape: [4] })] });
    refused(model, {}, /no layer with a kernel.*LSTM/);
    refused({}, {}, /LayersModel/);
  });
});
