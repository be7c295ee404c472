import { energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { normalized, spreadingTerm } from "./spread.js";

const options = { step: 0, seed: 1, backend: referenceBackend() };
const random = (rows: number, dimension: number) =>
  randomStream(2, "rows", 0).fillNormal(new Float32Array(2 * rows * dimension));

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("the spreading term", () => {
  it("is the mean of the two views' energies", async () => {
    const data = random(12, 5);
    const energy = { potential: { kind: "riesz", s: 1 } } as const;
    const each = await Promise.all(
      [0, 1].map(async (view) => {
        const half = data.slice(view * 60, view * 60 + 60);
        return (await energyAndGradient(referenceBackend(), energy, { data: half, shape: [12, 5] })).energy;
      }),
    );
    const term = spreadingTerm({ energy }, tf.tensor3d(data, [2, 12, 5]), options).dataSync()[0]!;
    expect(term).toBeCloseTo((each[0]! + each[1]!) / 2, 5);
  });

  it("of covariance is 0 for directions that share the spread evenly, and 1 for a collapse", () => {
    const axes = [1, -1].flatMap((sign) =>
      [0, 1, 2, 3].map((axis) => [0, 1, 2, 3].map((k) => (k === axis ? sign : 0))),
    );
    const even = tf.tensor3d([axes, axes]);
    expect(spreadingTerm("covariance", even, options).dataSync()[0]).toBeCloseTo(0, 5);
    expect(spreadingTerm("covariance", tf.ones([2, 8, 4]), options).dataSync()[0]).toBeCloseTo(1, 5);
  });

  it("of nothing is 0", () => {
    expect(spreadingTerm(null, tf.ones([2, 8, 4]), options).dataSync()[0]).toBe(0);
  });
});

it("normalized rows have length 1, and a zero row stays", () => {
  const rows = normalized(tf.tensor2d([3, 4, 0, 0], [2, 2]));
  expect(Array.from(rows.dataSync(), (value) => Number(value.toFixed(5)))).toEqual([0.6, 0.8, 0, 0]);
});
