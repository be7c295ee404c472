import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { defineEnergy } from "@comhe/core";
import { beforeAll, expect, it } from "vitest";
import { makeLayer } from "../task/task.js";
import { tfjsAutodiff } from "./tfjs.js";

beforeAll(() => tf.setBackend("wasm"));

it.each([
  ["half", { kind: "none" }],
  ["full", { kind: "none" }],
  ["half", { kind: "random", dimension: 8, count: 3 }],
] as const)("autodiff in %s space, %o, has as many N×N arrays as it is held to need", async (space, projection) => {
  const spec = defineEnergy({ potential: { kind: "riesz", s: 2 }, space, projection });
  const task = { title: "", seed: 7, layers: [makeLayer("rows", 400, 10, spec)] };
  const runner = await tfjsAutodiff.open(task);
  const { peakBytes } = await tf.profile(async () => {
    await runner.result();
    return [];
  });
  await runner.close();
  const held = tfjsAutodiff.squareArrays!(task);
  expect(peakBytes / held).toBeGreaterThan(0.95);
  expect(peakBytes / held).toBeLessThan(1.05);
});
