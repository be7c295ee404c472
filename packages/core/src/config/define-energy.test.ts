/** The config: defaults, JSON, freezing, warnings. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Projection } from "../projection/projection.js";
import { defineEnergy } from "./define-energy.js";
import type { EnergyConfig } from "./types.js";

const define = (config: unknown, warn: (message: string) => void = () => {}) =>
  defineEnergy(config as EnergyConfig, { warn });

const random = { kind: "random", dimension: 30, count: 5, distribution: "gaussian", refresh: 1, reduce: "mean" };
const matrices = { data: [1, 2, 3, 4, 5, 6], shape: [1, 2, 3] };

describe("defaults", () => {
  it("of everything", () => {
    const expected = {
      potential: { kind: "riesz", s: 2, distance: "chordal" },
      space: "full",
      projection: { kind: "none" },
      separationFloor: 0.01,
      normEpsilon: 0,
    };
    expect(defineEnergy()).toEqual(expected);
    expect(defineEnergy({})).toEqual(expected);
    expect(defineEnergy({ potential: undefined, space: undefined, projection: undefined })).toEqual(expected);
  });

  it("of each kind", () => {
    expect(define({ potential: { kind: "riesz", s: 0 } }).potential).toEqual({
      kind: "riesz",
      s: 0,
      distance: "chordal",
    });
    expect(define({ potential: { kind: "gaussian", t: 2 } }).potential).toEqual({ kind: "gaussian", t: 2 });
    expect(define({ projection: { kind: "random" } }).projection).toMatchObject(random);
    expect(define({ projection: { kind: "fixed", matrices } }).projection).toEqual({
      kind: "fixed",
      matrices,
      reduce: "mean",
    });
    expect(define({ projection: { kind: "group", groups: 2 } }).projection).toEqual({
      kind: "group",
      groups: 2,
      shuffle: false,
      refresh: 1,
    });
  });

  it("give way to what is said", () => {
    const said = {
      potential: { kind: "riesz", s: 1, distance: "angular" },
      space: "half",
      projection: { kind: "random", dimension: 7, count: 3, distribution: "orthogonal", refresh: 0, reduce: "max" },
      separationFloor: 0,
      normEpsilon: 1e-4,
    };
    expect(define(said)).toMatchObject(said);
  });
});

describe("the result", () => {
  const configs: readonly EnergyConfig[] = [
    {},
    { projection: { kind: "random" }, space: "half" },
    { projection: { kind: "fixed", matrices: { data: Float32Array.of(0.1, 2, 3, 4, 5, 6), shape: [1, 2, 3] } } },
    { projection: { kind: "fixed", matrices: { data: Float64Array.of(0.1, 2), shape: [2, 1, 1] }, reduce: "max" } },
    { projection: { kind: "group", groups: 4, shuffle: true, refresh: 10 } },
    { potential: { kind: "gaussian", t: 0.5 } },
    { sample: 1024 },
  ];

  it.each(configs)("survives JSON: %j", (config) => {
    const spec = defineEnergy(config);
    const back = JSON.parse(JSON.stringify(spec));
    expect(back).toEqual(spec);
    expect(defineEnergy(back)).toEqual(spec);
  });

  it("holds typed arrays as plain numbers, float32 values unchanged", () => {
    const { projection } = defineEnergy(configs[2]);
    expect(projection).toEqual({
      kind: "fixed",
      matrices: { data: [Math.fround(0.1), 2, 3, 4, 5, 6], shape: [1, 2, 3] },
      reduce: "mean",
    });
    expect(Array.isArray((projection as { matrices: { data: unknown } }).matrices.data)).toBe(true);
  });

  it("doesn't change with the matrix it was made from", () => {
    const data = Float64Array.of(1, 2);
    const spec = defineEnergy({ projection: { kind: "fixed", matrices: { data, shape: [1, 1, 2] } } });
    data[0] = 9;
    expect(spec.projection).toMatchObject({ matrices: { data: [1, 2] } });
  });

  it("passes through unchanged", () => {
    for (const config of configs) {
      const spec = defineEnergy(config);
      expect(defineEnergy(spec)).toBe(spec);
    }
  });

  it("is frozen at every level", () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    for (const config of configs) expect(frozen(defineEnergy(config))).toBe(true);
  });

  it("leaves the config as it was", () => {
    const config = { potential: { kind: "riesz", s: 1 }, projection: { kind: "fixed", matrices } } as const;
    const before = JSON.stringify(config);
    define(config);
    expect(JSON.stringify(config)).toBe(before);
    expect(Object.isFrozen(config.potential)).toBe(false);
    expect(Object.isFrozen(matrices.data)).toBe(false);
  });

  it("keeps a projection of the user's own as it is, unfrozen", () => {
    const own: Projection = { kind: "mine", prepare: () => ({ arrays: {} }), compose: ({ at, rows }) => at(rows) };
    const spec = defineEnergy({ space: "half", projection: own });
    expect(spec.projection).toBe(own);
    expect(spec.space).toBe("half");
    expect(Object.isFrozen(own)).toBe(false);
  });
});

describe("k ≤ 2s + 1 warns", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("through `warn`, naming path and numbers", () => {
    const warn = vi.fn();
    define({ projection: { kind: "random", dimension: 5 } }, warn);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toMatch(/^projection\.dimension: 5 is at most 2s \+ 1 = 5,.*infinite variance/);
  });

  it("not beyond, nor for gaussian potentials or other projections", () => {
    const warn = vi.fn();
    define({ projection: { kind: "random", dimension: 6 } }, warn);
    define({ potential: { kind: "gaussian", t: 1 }, projection: { kind: "random", dimension: 1 } }, warn);
    define({ projection: { kind: "fixed", matrices } }, warn);
    expect(warn).not.toHaveBeenCalled();
  });

  it("on the console where no `warn` is given, and not again for a spec", () => {
    const console = vi.spyOn(globalThis.console, "warn").mockImplementation(() => {});
    const spec = defineEnergy({ projection: { kind: "random", dimension: 4 } });
    defineEnergy(spec);
    expect(console).toHaveBeenCalledTimes(1);
  });
});
