/** Searches over settings build, train and dispose of thousands of models: nothing of one may outlive it. */
import type { ProjectionInput } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import { EnergyMonitor, hypersphericalEnergy, regularizeModel } from "../../src/index.js";
import { backends, useBackend } from "../support/backends.js";
import { classes, mlp, saveAndLoad } from "../support/models.js";

const projections: Readonly<Record<string, ProjectionInput>> = {
  none: { kind: "none" },
  random: { kind: "random", dimension: 6, count: 3 },
  "random, kept": { kind: "random", dimension: 6, count: 3, refresh: 0 },
  "random, sparse": { kind: "random", dimension: 6, distribution: "count-sketch" },
  group: { kind: "group", groups: 2, shuffle: true },
  "angle-preserving": { kind: "angle-preserving", dimension: 4, through: "unrolled" },
  adversarial: { kind: "adversarial", dimension: 4 },
  bilateral: { kind: "bilateral", rank: 3 },
  pca: { kind: "pca", dimension: 2, refresh: 2 },
};

/** Without the labels that it makes on the way. */
const batch = () => tf.tidy(classes);

/** What is alive after each of some rounds, the first of which may leave constants that all models share. */
async function tensorsAfter(rounds: number, round: () => Promise<void>): Promise<number[]> {
  const alive: number[] = [];
  for (let n = 0; n < rounds; n++) {
    await round();
    alive.push(tf.memory().numTensors);
  }
  return alive;
}

const flat = (alive: readonly number[]) => new Set(alive.slice(1)).size === 1;

describe.each(backends)("on tfjs's %s", (backend) => {
  beforeEach(() => useBackend(backend));

  const fitted = async (model: tf.LayersModel) => {
    const { x, y } = batch();
    model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
    await model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 });
    tf.dispose([x, y]);
  };

  it.each(Object.entries(projections))("fit and model.dispose() leave nothing: %s", async (_, projection) => {
    const alive = await tensorsAfter(4, async () => {
      const model = mlp((layer) =>
        layer === "Dense_A1" ? hypersphericalEnergy({ weight: 3, projection }) : undefined,
      );
      await fitted(model);
      model.dispose();
    });
    expect(flat(alive), `${alive}`).toBe(true);
  });

  it("regularizeModel, and a monitor", async () => {
    const alive = await tensorsAfter(4, async () => {
      const model = mlp();
      regularizeModel(model, {
        hidden: { projection: { kind: "random", dimension: 6, count: 2 } },
        first: "projected",
      });
      const { x, y } = batch();
      model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
      await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: new EnergyMonitor() });
      tf.dispose([x, y]);
      model.dispose();
    });
    expect(flat(alive), `${alive}`).toBe(true);
  });

  it("a model that was saved, loaded and trained again", async () => {
    const projection = { kind: "adversarial", dimension: 4 } as const;
    const alive = await tensorsAfter(3, async () => {
      const model = mlp((name) =>
        hypersphericalEnergy({ weight: 3, name, projection: name === "logits" ? { kind: "none" } : projection }),
      );
      await fitted(model);
      const loaded = await saveAndLoad(model);
      model.dispose();
      await fitted(loaded);
      loaded.dispose();
    });
    expect(flat(alive), `${alive}`).toBe(true);
  });
});

it("a monitor that measures for long leaves nothing on the kernel", async () => {
  await useBackend("wasm");
  const model = mlp(() => hypersphericalEnergy({ weight: 3, projection: { kind: "random", dimension: 6 } }));
  const monitor = new EnergyMonitor({ config: { projection: { kind: "random", dimension: 6 } } });
  const alive = await tensorsAfter(4, async () => void (await monitor.record(model, 0)));
  expect(flat(alive), `${alive}`).toBe(true);
  const kernel = model.layers[0]!.weights[0]!.read();
  const { dispose } = kernel;
  await monitor.record(model, 1);
  expect(kernel.dispose).toBe(dispose);
});

it("what a regularizer keeps of its own is still there when the model is gone", async () => {
  await useBackend("wasm");
  const regularizer = hypersphericalEnergy({ weight: 3, projection: { kind: "adversarial", dimension: 4 } });
  const model = mlp((layer) => (layer === "Dense_A1" ? regularizer : undefined));
  const { x, y } = batch();
  model.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  await model.trainOnBatch(x, y);
  const before = JSON.stringify(regularizer.state());
  model.dispose();
  expect(JSON.stringify(regularizer.state())).toBe(before);
});
