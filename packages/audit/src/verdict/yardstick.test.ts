import { defineEnergy, type PotentialSpec } from "@comhe/core";
import { expect, test } from "vitest";
import { likeLayers, onYardstick, percentBelow } from "./yardstick.js";
import { yardstick } from "./yardstick-data.js";

test("percentiles rise within a group, and dimensions from group to group", () => {
  const { groups } = yardstick;
  for (const { layers, scores } of groups) {
    expect(layers).toBeGreaterThanOrEqual(50);
    expect(scores.map(([percent]) => percent)).toEqual([5, 10, 25, 50, 75, 90, 95]);
    const values: readonly number[] = scores.map(([, score]) => score);
    expect([...values].sort((a, b) => a - b)).toEqual(values);
  }
  const from: readonly number[] = groups.map((group) => group.from);
  expect([...new Set(from)].sort((a, b) => a - b)).toEqual(from);
  expect(groups.reduce((sum, { layers }) => sum + layers, 0)).toBe(yardstick.layers);
});

test("a layer is held to those of its own dimension", () => {
  for (const { from, scores } of yardstick.groups) {
    for (const [percent, score] of scores) expect(percentBelow(score * 1.0001, 100, from)).toBe(percent);
    expect(percentBelow(scores[0][1], 100, from)).toBeNull();
  }
  // What is usual for depthwise kernels is much for wider ones.
  expect(percentBelow(20, 100, 9)).toBe(75);
  expect(percentBelow(20, 100, 128)).toBe(90);
  expect(percentBelow(1e9, 100, 1)).toBe(95);
  expect(percentBelow(1e9, 7, 128)).toBeNull();
  expect(likeLayers(9)).toBe("real layers of 2 to 9 dimensions");
  expect(likeLayers(10)).toBe("real layers of 10 to 39 dimensions");
  expect(likeLayers(5000)).toBe("real layers of 640 dimensions and more");
});

test("other energies have other scales", () => {
  const spec = (config: object) => defineEnergy(config, { warn: () => {} }) as PotentialSpec;
  expect(onYardstick(spec({ space: "half" }))).toBe(true);
  expect(onYardstick(spec({ space: "full" }))).toBe(false);
  expect(onYardstick(spec({ space: "half", potential: { kind: "riesz", s: 1 } }))).toBe(false);
  expect(onYardstick(spec({ space: "half", potential: { kind: "gaussian", t: 2 } }))).toBe(false);
});
