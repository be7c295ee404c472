/** The objectives of others as a layer regularizer: against the reference backend, the goldens, and on the tensor path. */
import { readFileSync } from "node:fs";
import {
  type EnergyConfig,
  EnergyError,
  energyAndGradient,
  type Objective,
  type ObjectiveInput,
  type ObjectiveTask,
  referenceBackend,
  type Space,
} from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { tfjsPrimitives } from "../../src/backend/tfjs-primitives.js";
import { hypersphericalEnergy, tfjsBackend } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { expectClose } from "../support/compare.js";
import { classes, compile, mlp, saveAndLoad, train } from "../support/models.js";
import { normalArray } from "../support/numbers.js";

const objectives: readonly ObjectiveInput[] = [
  { kind: "orthogonality" },
  { kind: "orthogonality", side: "columns" },
  { kind: "orthogonality", side: "double" },
  { kind: "coherence" },
  { kind: "coherence", norm: "row-sum" },
  { kind: "coherence", norm: "cosine" },
  { kind: "restricted-isometry" },
  { kind: "restricted-isometry", estimate: "exact", squared: false },
  { kind: "maximum-separation" },
  { kind: "gram-determinant" },
  { kind: "uniformity" },
  { kind: "uniformity", t: 30 },
];
const ofDirections = new Set(["maximum-separation", "gram-determinant", "uniformity"]);
const configs: readonly EnergyConfig[] = [
  ...objectives.map((objective) => ({ objective })),
  ...objectives
    .filter(({ kind }) => ofDirections.has(kind))
    .map((objective) => ({ objective, space: "half" as const })),
  { objective: { kind: "uniformity" }, projection: { kind: "random", dimension: 6, count: 3 } },
  { objective: { kind: "orthogonality" }, projection: { kind: "group", groups: 3 } },
];
const named = configs.map((config) => [JSON.stringify(config), config] as const);

interface GoldenCase {
  readonly id: string;
  readonly fn: string;
  readonly params: Readonly<Record<string, unknown>> & { readonly space?: Space };
  readonly inputs: { readonly W: { shape: [number, number]; data: number[] }; readonly u0?: { data: number[] } };
  readonly expected: { readonly exact: { energy: number; grad: { W: { data: number[] } } } };
}

const isometry = { kind: "restricted-isometry", side: "rows", squared: false, iterations: 2 } as const;
const ofGolden: Readonly<Record<string, (params: GoldenCase["params"]) => Objective>> = {
  so_rows: () => ({ kind: "orthogonality", side: "rows" }),
  so_cols: () => ({ kind: "orthogonality", side: "columns" }),
  dso: () => ({ kind: "orthogonality", side: "double" }),
  mc_max: () => ({ kind: "coherence", norm: "max" }),
  mc_rowsum: () => ({ kind: "coherence", norm: "row-sum" }),
  coherence: () => ({ kind: "coherence", norm: "cosine" }),
  srip: () => ({ ...isometry, estimate: "power" }),
  srip_exact: () => ({ ...isometry, estimate: "exact" }),
  mhs: ({ distance }) => ({ kind: "maximum-separation", distance: distance === "angular" ? "angular" : "chordal" }),
  mgd: ({ gamma }) => ({ kind: "gram-determinant", gamma: gamma as number, ridge: 1e-6 }),
  uniformity: ({ t }) => ({ kind: "uniformity", t: t as number }),
};
const file = new URL("../../../../test/golden/golden.json", import.meta.url);
const goldens = (JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] }).cases
  .filter(({ fn }) => fn in ofGolden)
  .map((golden) => [golden.id, golden] as const);

describe.each(backends)("on tfjs %s", (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each([
    ["wide", 9, 14],
    ["tall", 14, 9],
    ["one neuron", 1, 9],
  ])("%s", (_, count, dim) => {
    const data = normalArray(11, count * dim);

    test.each(named)("%s against the reference", async (_name, config) => {
      const regularizer = hypersphericalEnergy({ ...config, weight: 1, layout: "neurons-first", seed: 3, name: "x" });
      const before = tf.memory().numTensors;
      const weights = tf.tensor(data, [count, dim]);
      const { value, grad } = tf.valueAndGrad((kernel) => regularizer.apply(kernel))(weights);
      const kernel = { data, shape: [count, dim] };
      const expected = await energyAndGradient(referenceBackend(), config, kernel, { seed: 3, name: "x" });
      expectClose(value.dataSync(), [expected.energy], 1e-5, "energy", 0.1);
      expectClose(grad.dataSync(), expected.gradient, 1e-4, "gradient", 0.01);
      tf.dispose([weights, value, grad]);
      regularizer.dispose();
      // Constants of the backend are kept, and made once.
      expect(tf.memory().numTensors - before).toBeLessThanOrEqual(12);
    });
  });

  test.each(goldens)("golden %s", (_, { fn, params, inputs, expected }) => {
    const task: ObjectiveTask = {
      objective: ofGolden[fn]!(params),
      space: params.space ?? "full",
      separationFloor: 0.01,
      normEpsilon: 0,
      start: () => inputs.u0?.data ?? [],
    };
    tf.tidy(() => {
      const rows = tf.tensor(inputs.W.data, [1, ...inputs.W.shape]);
      const { value, gradient } = tfjsBackend().objective!(rows, task);
      expectClose(value.dataSync(), [expected.exact.energy], 1e-4, "value");
      expectClose(gradient.dataSync(), expected.exact.grad.W.data, 1e-4, "gradient");
    });
  });

  test.each([
    ["wide", 9, 14],
    ["tall", 14, 9],
  ])("the tensor path gives the same, in tiles too: %s", async (_, count, dim) => {
    const kernel = { data: normalArray(12, count * dim), shape: [count, dim] };
    for (const tileBytes of [2 ** 20, 400, 1]) {
      const tensors = tensorBackend(tfjsPrimitives, { name: "tensors", tileBytes });
      for (const config of configs) {
        const { objective } = config;
        const here = energyAndGradient(tensors, config, kernel, { seed: 3 });
        if (objective?.kind !== "orthogonality" && (objective?.kind !== "uniformity" || objective.t === 30)) {
          await expect(here).rejects.toMatchObject({ code: "unsupported", message: /wasm, cpu, webgl/ });
          continue;
        }
        const expected = await energyAndGradient(referenceBackend(), config, kernel, { seed: 3 });
        const { energy, gradient } = await here;
        expectClose([energy], [expected.energy], 1e-5, `${objective.kind}: energy`);
        expectClose(gradient, expected.gradient, 1e-4, `${objective.kind}: gradient`);
      }
    }
  });

  test("refused where the formula breaks, with the layer's name", () => {
    const regularizer = hypersphericalEnergy({
      objective: { kind: "gram-determinant", ridge: 0 },
      weight: 1,
      name: "Dense_A1/kernel",
      layout: "neurons-first",
    });
    const twins = tf.tensor2d([1, 2, 2, 4], [2, 2]);
    let error: unknown;
    try {
      regularizer.apply(twins);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EnergyError);
    expect((error as EnergyError).message).toMatch(/^Dense_A1\/kernel: .*neurons are 0 and 1/);
  });
});

test("a model with an objective trains, and is saved and loaded with it", async () => {
  await useBackend("wasm");
  const { x, y } = classes();
  const config = { objective: { kind: "restricted-isometry" }, weight: 0.1 } as const;
  const model = compile(mlp((name) => hypersphericalEnergy({ ...config, name })));
  const losses = await train(model, x, y, 20);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  const loaded = compile(await saveAndLoad(model));
  expect(await train(loaded, x, y, 3)).toEqual(await train(model, x, y, 3));
});
