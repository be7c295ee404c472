import { defineEnergy } from "@comhe/core";
import { expect, it } from "vitest";
import { ortGraph } from "../candidates/ort-graph.js";
import { errorsOf } from "../exact/errors.js";
import { layerTruths } from "../exact/layer-truths.js";
import { makeLayer, type Task } from "../task/task.js";

const specs = (["half", "full"] as const).flatMap((space) => [
  ...[0, 1, 2].map((s) => defineEnergy({ potential: { kind: "riesz", s }, space })),
  defineEnergy({
    potential: { kind: "riesz", s: 2 },
    space,
    projection: { kind: "random", dimension: 8, count: 3, refresh: 0 },
  }),
]);

it("the literal graph computes every spec, on all layers of a task", async () => {
  const task: Task = {
    title: "all",
    seed: 5,
    layers: specs.map((spec, n) => makeLayer(`layer ${n}`, 40 + n, 30, spec)),
  };
  const runner = await ortGraph.open(task);
  const errors = errorsOf(task.layers, await runner.result(), await layerTruths(task));
  await runner.close();
  expect(errors.energy).toBeLessThan(1e-5);
  expect(errors.gradient).toBeLessThan(1e-4);
});
