/** Configs through tfjs's JSON, which turns keys and strings into snake case and back. */
import type { Layout, ProjectionInput } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { findEnergy, type HypersphericalEnergyOptions, hypersphericalEnergy, kernelSites } from "../../src/index.js";
import { normalArray } from "../support/numbers.js";

const random = { kind: "random", dimension: 7, count: 2 } as const;
const projections: Record<string, ProjectionInput> = {
  none: { kind: "none" },
  fixed: { kind: "fixed", matrices: { data: normalArray(1, 2 * 6 * 9), shape: [2, 6, 9] }, reduce: "max" },
  gaussian: { ...random, refresh: 0 },
  orthogonal: { ...random, distribution: "orthogonal", refresh: 5 },
  rademacher: { ...random, distribution: "rademacher", reduce: "max" },
  sparse: { ...random, distribution: "sparse", share: "shape" },
  hadamard: { ...random, distribution: "hadamard" },
  "count-sketch": { ...random, distribution: "count-sketch", refresh: 2 },
  group: { kind: "group", groups: 3 },
  "shuffled group": { kind: "group", groups: 2, shuffle: true, refresh: 4 },
  "angle-preserving": {
    kind: "angle-preserving",
    dimension: 4,
    steps: 2,
    learningRate: 0.125,
    measure: "cosine",
    form: "root",
    through: "unrolled",
    initial: { data: normalArray(2, 4 * 9), shape: [4, 9] },
  },
  adversarial: { kind: "adversarial", dimension: 4, count: 2, ascentSpace: "full", through: "stopped" },
  "adversarial, keys left undefined": { kind: "adversarial", ascentSpace: undefined, initial: undefined },
  bilateral: { kind: "bilateral", rank: 5, refresh: 3 },
  "bilateral, given": {
    kind: "bilateral",
    rank: 5,
    right: { data: normalArray(3, 5 * 9), shape: [5, 9] },
    left: { data: normalArray(4, 2 * 5), shape: [2, 5] },
  },
  pca: { kind: "pca", dimension: 2, refresh: 7 },
};
const layouts: Record<string, Layout> = {
  "neurons-first": "neurons-first",
  "neurons-last": "neurons-last",
  depthwise: "depthwise",
  "named axes": { neuronAxes: [-2, 0] },
};

async function roundTrip(options: HypersphericalEnergyOptions) {
  const regularizer = hypersphericalEnergy(options);
  regularizer.restore({ ...regularizer.state(), step: 12 });
  const layer = tf.layers.dense({
    units: 2,
    inputShape: [9],
    name: "Dense_A1",
    kernelRegularizer: regularizer as never,
  });
  const json = JSON.stringify(tf.sequential({ layers: [layer] }).toJSON(null, false));
  const loaded = await tf.models.modelFromJSON(JSON.parse(json) as tf.io.ModelJSON["modelTopology"] as never);
  const found = findEnergy(kernelSites(loaded.layers[0]!).sites[0]!.regularizer)!;
  return { regularizer, found };
}

test.each(Object.keys(projections))("projection %s", async (kind) => {
  const projection = projections[kind]!;
  const { regularizer, found } = await roundTrip({
    projection,
    space: "half",
    weight: 0.25,
    seed: 2 ** 40,
    name: "_Dense_A1/kernel_B",
  });
  expect(found.spec).toEqual(regularizer.spec);
  expect(found.state()).toEqual(regularizer.state());
  expect(found.weight).toBe(0.25);
});

test.each(Object.keys(layouts))("layout %s", async (name) => {
  const layout = layouts[name]!;
  const { found } = await roundTrip({ weight: 1, layout });
  expect(found.layout).toEqual(layout);
});

test("potentials and the numbers of the specification", async () => {
  for (const potential of [
    { kind: "riesz", s: 2.5, distance: "angular" },
    { kind: "gaussian", t: 0.3 },
  ] as const) {
    const { regularizer, found } = await roundTrip({ weight: 1, potential, separationFloor: 0.02, normEpsilon: 1e-6 });
    expect(found.spec).toEqual(regularizer.spec);
    expect(found.spec).toMatchObject({ potential, separationFloor: 0.02, normEpsilon: 1e-6 });
  }
});

test("a projection of the user's own can't be saved, and says so", () => {
  const own = { kind: "mine", prepare: () => ({ arrays: {} }), compose: () => ({}) as never };
  expect(() => hypersphericalEnergy({ weight: 1, projection: own }).getConfig()).toThrowError(
    expect.objectContaining({ code: "unsupported", message: expect.stringContaining('"mine"') }),
  );
});
