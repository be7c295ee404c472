/** A message for each thing that can be wrong with a config. */
import { describe, expect, it } from "vitest";
import { wrongConfigs } from "../../test/support/wrong-configs.js";
import { EnergyError } from "../errors/energy-error.js";
import { defineEnergy } from "./define-energy.js";
import type { EnergyConfig } from "./types.js";

const define = (config: unknown) => defineEnergy(config as EnergyConfig, { warn: () => {} });

function errorOf(config: unknown): EnergyError {
  try {
    define(config);
  } catch (error) {
    expect(error).toBeInstanceOf(EnergyError);
    return error as EnergyError;
  }
  return expect.fail(`${JSON.stringify(config)} was accepted`);
}

/** Wrong in a way that a schema can't say. */
const inconsistent: typeof wrongConfigs = [
  [
    "fewer numbers than the shape says",
    { projection: { kind: "fixed", matrices: { data: [1, 2, 3], shape: [1, 2, 2] } } },
    "projection.matrices.data",
    "expected 4 numbers for shape [1, 2, 2], got 3",
  ],
  [
    "NaN in a matrix",
    { projection: { kind: "fixed", matrices: { data: Float32Array.of(1, Number.NaN), shape: [1, 1, 2] } } },
    "projection.matrices.data",
    "projection.matrices.data: expected finite numbers, got NaN at index 1",
  ],
  [
    "Infinity in a matrix",
    {
      projection: { kind: "fixed", matrices: { data: Float64Array.of(Number.NEGATIVE_INFINITY, 1), shape: [1, 1, 2] } },
    },
    "projection.matrices.data",
    "got -Infinity at index 0",
  ],
  [
    "k = s + 1",
    { projection: { kind: "random", dimension: 3 } },
    "projection.dimension",
    "more than s + 1 = 3",
    "got 3",
  ],
  [
    "k < s + 1",
    { potential: { kind: "riesz", s: 0.5, distance: "angular" }, projection: { kind: "random", dimension: 1 } },
    "projection.dimension",
    "more than s + 1 = 1.5",
    "infinite",
    "got 1",
  ],
  [
    "a sample with an objective",
    { sample: 64, objective: { kind: "orthogonality" } },
    "sample",
    'sample: expected none with the objective "orthogonality", which isn\'t a mean over pairs',
    "got 64",
  ],
  [
    "a sample with both sides",
    { sample: 64, projection: { kind: "bilateral", rank: 4 } },
    "sample",
    'sample: expected none with the projection "bilateral"',
    "got 64",
  ],
];

describe("messages name the path, what was expected and what was got", () => {
  it.each([...wrongConfigs, ...inconsistent])("%s", (_what, config, path, ...says) => {
    const error = errorOf(config);
    expect(error.code).toBe("invalid-config");
    expect(error.details.path).toBe(path);
    for (const part of says) expect(error.message).toContain(part);
    expect(error.message).not.toMatch(/undefined|\[object|expected expected|expected invalid/i);
    // Kinds are what a wrong kind is told, and nothing else.
    expect(error.message.includes('"group"')).toBe(path === "projection.kind");
  });

  it("all problems at once, one a line", () => {
    const lines = errorOf({ space: "x", separationFloor: -1, normEpsilon: "0" }).message.split("\n");
    expect(lines.map((line) => line.split(":")[0])).toEqual(["space", "separationFloor", "normEpsilon"]);
  });

  it("long values are cut", () => {
    const { message } = errorOf({ projection: "r".repeat(5000) });
    expect(message.length).toBeLessThan(200);
  });
});
