/** The config: defaults, JSON, and a message for each thing that can be wrong. The JSON Schema must agree. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { accepts, type Schema } from "../../test/support/json-schema.js";
import { EnergyError } from "../errors/energy-error.js";
import type { Projection } from "../projection/projection.js";
import { defineEnergy } from "./define-energy.js";
import { energyJsonSchema } from "./schema.js";
import type { EnergyConfig } from "./types.js";

const define = (config: unknown, warn: (message: string) => void = () => {}) =>
  defineEnergy(config as EnergyConfig, { warn });

function errorOf(config: unknown): EnergyError {
  try {
    define(config);
  } catch (error) {
    expect(error).toBeInstanceOf(EnergyError);
    return error as EnergyError;
  }
  return expect.fail(`${JSON.stringify(config)} was accepted`);
}

const schema = energyJsonSchema() as Schema;

function kindsOf(name: "projection" | "potential"): string[] {
  return (schema.properties?.[name].oneOf ?? []).map(({ properties }) => String(properties?.kind.const));
}

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

/** What is wrong, where the message says it is, and what else it says. */
const wrong: readonly (readonly [what: string, config: unknown, path: string, ...says: string[]])[] = [
  ["no object", null, "", "config: expected an object, got null"],
  ["text", "riesz", "", "config: expected an object", '"riesz"'],
  ["unknown key", { potentail: {} }, "", 'config: unknown key "potentail", expected potential, objective, space,'],
  [
    "unknown key of a potential",
    { potential: { kind: "riesz", s: 2, power: 1 } },
    "potential",
    'potential: unknown key "power", expected kind, s, distance.',
  ],
  [
    "unknown key of a projection",
    { projection: { kind: "none", k: 1 } },
    "projection",
    'projection: unknown key "k", expected kind.',
  ],
  [
    "unknown key of matrices",
    { projection: { kind: "fixed", matrices: { ...matrices, order: "C" } } },
    "projection.matrices",
    'projection.matrices: unknown key "order", expected data, shape.',
  ],
  [
    "unknown projection",
    { projection: { kind: "randon" } },
    "projection.kind",
    'projection.kind: expected one of "none", "fixed", "random", "group"',
    ...kindsOf("projection").map((kind) => `"${kind}"`),
    'got "randon"',
  ],
  ["no kind of projection", { projection: {} }, "projection.kind", '"none", "fixed", "random", "group"', "got nothing"],
  [
    "a projection by name alone",
    { projection: "random" },
    "projection",
    "projection: expected an object",
    'got "random". Write { kind: "random" }.',
  ],
  [
    "unknown potential",
    { potential: { kind: "coulomb" } },
    "potential.kind",
    'potential.kind: expected one of "riesz", "gaussian"',
    'got "coulomb"',
  ],
  ["no exponent", { potential: { kind: "riesz" } }, "potential.s", "potential.s: expected a number, got nothing"],
  [
    "exponent of a wrong type",
    { potential: { kind: "riesz", s: "2" } },
    "potential.s",
    "potential.s: expected a number",
    'got "2"',
  ],
  [
    "negative exponent",
    { potential: { kind: "riesz", s: -1 } },
    "potential.s",
    "potential.s: expected a number",
    "≥ 0",
    "got -1",
  ],
  ["exponent NaN", { potential: { kind: "riesz", s: Number.NaN } }, "potential.s", "potential.s: expected", "got NaN"],
  ["exponent Infinity", { potential: { kind: "riesz", s: Number.POSITIVE_INFINITY } }, "potential.s", "got Infinity"],
  ["t = 0", { potential: { kind: "gaussian", t: 0 } }, "potential.t", "potential.t: expected a number", "> 0", "got 0"],
  [
    "unknown distance",
    { potential: { kind: "riesz", s: 2, distance: "euclidean" } },
    "potential.distance",
    'potential.distance: expected one of "chordal"|"angular", got "euclidean"',
  ],
  ["unknown space", { space: "halb" }, "space", 'space: expected one of "full"|"half", got "halb"'],
  ["negative floor", { separationFloor: -1 }, "separationFloor", "separationFloor: expected", "got -1"],
  ["floor beyond 1", { separationFloor: 2 }, "separationFloor", "separationFloor: expected", "got 2"],
  ["negative ε", { normEpsilon: -1e-9 }, "normEpsilon", "normEpsilon: expected", "got -1e-9"],
  ["a sample of one row", { sample: 1 }, "sample", "sample: expected a number", "≥ 2", "got 1"],
  ["a broken sample", { sample: 2.5 }, "sample", "sample: expected", "got 2.5"],
  ["a sample in words", { sample: "10 %" }, "sample", "sample: expected a number", 'got "10 %"'],
  ["a broken dimension", { projection: { kind: "random", dimension: 2.5 } }, "projection.dimension", "got 2.5"],
  [
    "no matrices drawn",
    { projection: { kind: "random", count: 0 } },
    "projection.count",
    "projection.count: expected",
    "got 0",
  ],
  ["negative refresh", { projection: { kind: "random", refresh: -1 } }, "projection.refresh", "got -1"],
  [
    "unknown distribution",
    { projection: { kind: "random", distribution: "uniform" } },
    "projection.distribution",
    'expected one of "gaussian"|"orthogonal"|"rademacher"',
    'got "uniform"',
  ],
  [
    "unknown reduce",
    { projection: { kind: "random", reduce: "sum" } },
    "projection.reduce",
    '"mean"|"max"',
    'got "sum"',
  ],
  [
    "no matrices",
    { projection: { kind: "fixed" } },
    "projection.matrices",
    "projection.matrices: expected an object, got nothing",
  ],
  [
    "matrices of text",
    { projection: { kind: "fixed", matrices: { data: "abc", shape: [1, 1, 3] } } },
    "projection.matrices.data",
    "expected an array of numbers, Float32Array or Float64Array",
    'got "abc"',
  ],
  ...[[2], [1, 1, 1, 2]].map(
    (shape) =>
      [
        `matrices of rank ${shape.length}`,
        { projection: { kind: "fixed", matrices: { data: [1, 2], shape } } },
        "projection.matrices.shape",
        "projection.matrices.shape: expected",
        `got ${JSON.stringify(shape)}`,
      ] as const,
  ),
  [
    "no groups",
    { projection: { kind: "group" } },
    "projection.groups",
    "projection.groups: expected a number, got nothing",
  ],
  ["zero groups", { projection: { kind: "group", groups: 0 } }, "projection.groups", "got 0"],
  [
    "shuffle of a wrong type",
    { projection: { kind: "group", groups: 2, shuffle: 1 } },
    "projection.shuffle",
    "true or false, got 1",
  ],
];

/** Wrong in a way that a schema can't say. */
const inconsistent: typeof wrong = [
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
  it.each([...wrong, ...inconsistent])("%s", (_what, config, path, ...says) => {
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

describe("energyJsonSchema", () => {
  it("is plain JSON of draft 2020-12", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  });

  it("lists every kind, and every default", () => {
    expect(kindsOf("projection").slice(0, 4)).toEqual(["none", "fixed", "random", "group"]);
    expect(kindsOf("potential")).toEqual(["riesz", "gaussian"]);
    const defaults = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, property.default]);
    expect(Object.fromEntries(defaults)).toEqual(defineEnergy());
  });

  it("forbids extra keys at every level", () => {
    let objects = 0;
    const walk = (part: unknown): void => {
      if (typeof part !== "object" || part === null) return;
      if ((part as Schema).type === "object") {
        objects++;
        expect((part as Schema).additionalProperties).toBe(false);
      }
      Object.values(part).forEach(walk);
    };
    walk(schema);
    // The config, two potentials, every projection, and at least one matrix.
    expect(objects).toBeGreaterThanOrEqual(1 + 2 + kindsOf("projection").length + 1);
  });

  it("accepts what defineEnergy accepts and makes", () => {
    const configs: readonly EnergyConfig[] = [
      {},
      { potential: { kind: "riesz", s: 0 }, space: "half", separationFloor: 0, normEpsilon: 1e-4 },
      { projection: { kind: "random" } },
      { projection: { kind: "fixed", matrices: { data: [1, 2], shape: [1, 1, 2] } } },
      { projection: { kind: "group", groups: 3, shuffle: true } },
      { potential: { kind: "gaussian", t: 2 } },
    ];
    for (const config of configs) {
      expect(accepts(schema, config), JSON.stringify(config)).toBe(true);
      expect(accepts(schema, JSON.parse(JSON.stringify(defineEnergy(config))))).toBe(true);
    }
  });

  // JSON has no NaN and no Infinity.
  const inJson = wrong.filter(([, config]) => !/NaN|Infinity/.test(errorOf(config).message));
  it.each(inJson)("refuses %s", (_what, config) => {
    expect(accepts(schema, config)).toBe(false);
  });
});
