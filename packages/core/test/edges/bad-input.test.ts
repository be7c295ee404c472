/** What is refused at the door, and how it is named; and the types that come back. */
import { describe, expect, it, vi } from "vitest";
import {
  type Backend,
  EnergyError,
  type EnergyErrorCode,
  energyAndGradient,
  fromNeurons,
  type Layout,
  referenceBackend,
  toNeurons,
} from "../../src/index.js";
import { expectClose } from "../support/compare.js";
import { normalArray } from "../support/random-rows.js";

const backend = referenceBackend();

async function failure(weights: unknown, config: Parameters<typeof energyAndGradient>[1] = {}): Promise<EnergyError> {
  const result = energyAndGradient(backend, config, weights as Parameters<typeof energyAndGradient>[2]);
  return result.then(
    () => expect.fail("was accepted"),
    (error: EnergyError) => {
      expect(EnergyError.isInstance(error)).toBe(true);
      return error;
    },
  );
}

async function expectFailure(
  weights: unknown,
  code: EnergyErrorCode,
  ...says: (string | RegExp)[]
): Promise<EnergyError> {
  const error = await failure(weights);
  expect(error.code).toBe(code);
  for (const part of says)
    part instanceof RegExp ? expect(error.message).toMatch(part) : expect(error.message).toContain(part);
  return error;
}

describe("NaN and ±Infinity", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%s: row and value are named",
    async (value) => {
      for (const make of [Float32Array, Float64Array]) {
        const data = make.from(normalArray(1, 12));
        data[7] = value;
        const error = await expectFailure({ data, shape: [4, 3] }, "non-finite", `got ${value} in neuron 2 (entry 1)`);
        expect(error.details).toEqual({ row: 2, column: 1, value });
      }
    },
  );

  it("in a kernel the neuron is named, not the axis", async () => {
    const data = Float32Array.from(normalArray(2, 12));
    data[7] = Number.NaN;
    const error = await expectFailure({ data, shape: [2, 2, 3], layout: "neurons-last" }, "non-finite", "neuron 1");
    expect(error.details).toMatchObject({ row: 1, column: 2 });
  });

  it("a result that overflows is an error as well, never a NaN or an Infinity", async () => {
    // A gradient grows as 1/‖w‖: 1e-42 leaves no room in float32.
    const data = Float32Array.from(normalArray(3, 12), (value) => value * 1e-42);
    expect(data.some((value) => value !== 0)).toBe(true);
    await expectFailure({ data, shape: [4, 3] }, "non-finite", /isn't finite.*Rescale/);
  });
});

describe("wrong shapes and types", () => {
  const data = Float32Array.from(normalArray(4, 12));

  it("length", async () => {
    await expectFailure({ data, shape: [4, 4] }, "invalid-shape", /expected 16 numbers for shape \[4, 4\], got 12/);
  });

  it.each([
    ["plain numbers", [1, 2, 3, 4], "got Array"],
    ["Int32Array", new Int32Array(4), "got Int32Array"],
    ["nothing", undefined, "got undefined"],
    ["null", null, "got null"],
    ["text", "1234", "got String"],
  ])("data: %s", async (_, wrong, says) => {
    await expectFailure(
      { data: wrong, shape: [2, 2] },
      "invalid-shape",
      "expected a Float32Array or Float64Array",
      says,
    );
  });

  it("no weights at all", async () => {
    await expectFailure(undefined, "invalid-shape", "weights.data");
  });

  it("no shape", async () => {
    await expectFailure({ data }, "invalid-shape", /weights\.shape: expected an array.*got undefined/);
  });

  it.each([[[12]], [[2, 2, 3]], [[3, 2, 1, 2]], [[]]])("shape %j without layout", async (shape) => {
    const numbers = Float32Array.from(normalArray(4, shape.length === 0 ? 1 : 12));
    await expectFailure({ data: numbers, shape }, "invalid-shape", /layout/);
  });

  it.each([[[0, 3]], [[-2, -6]], [[1.5, 8]]])("shape %j", async (shape) => {
    const numbers = new Float32Array(Math.round(Math.abs(shape[0] * shape[1])));
    await expectFailure({ data: numbers, shape }, "invalid-shape", "positive whole numbers");
  });

  it("unknown layout", async () => {
    await expectFailure({ data, shape: [2, 2, 3], layout: "hwio" }, "invalid-shape", 'Unknown layout "hwio"');
  });
});

describe("projections that don't fit the neurons", () => {
  const weights = { data: Float64Array.from(normalArray(5, 12)), shape: [3, 4] };

  it("fixed matrices of another dimension", async () => {
    const error = await failure(weights, {
      projection: { kind: "fixed", matrices: { data: [1, 2, 3], shape: [1, 1, 3] } },
    });
    expect(error.code).toBe("invalid-shape");
    expect(error.message).toMatch(/projection\.matrices: expected shape \[C, k, 4\].*got \[1, 1, 3\]/);
  });

  it("more groups than coordinates", async () => {
    const error = await failure(weights, { projection: { kind: "group", groups: 5 } });
    expect(error.code).toBe("invalid-config");
    expect(error.message).toMatch(/projection\.groups: expected at most 4.*got 5/);
  });

  it("more orthogonal rows than dimensions", async () => {
    const error = await failure(weights, { projection: { kind: "random", dimension: 6, distribution: "orthogonal" } });
    expect(error.code).toBe("invalid-config");
    expect(error.message).toMatch(/projection\.dimension: expected at most 4.*got 6/);
  });

  it("a wrong config rejects the promise, it doesn't throw past it", async () => {
    const error = await failure(weights, { space: "quarter" as "half" });
    expect(error.code).toBe("invalid-config");
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])("seed %s", async (seed) => {
    await expect(energyAndGradient(backend, {}, weights, { seed })).rejects.toThrow(
      /seed: expected a whole number.*got/,
    );
  });
});

const kernels: readonly (readonly [string, readonly number[], Layout | undefined])[] = [
  ["matrix of rows", [6, 8], undefined],
  ["dense", [8, 6], "neurons-last"],
  ["conv2d", [2, 2, 2, 6], "neurons-last"],
  ["conv1d", [4, 2, 6], "neurons-last"],
  ["depthwise", [4, 2, 3, 2], "depthwise"],
  ["embedding", [6, 8], "neurons-first"],
  ["ONNX conv", [6, 2, 2, 2], "neurons-first"],
  ["transposed conv", [2, 2, 6, 2], { neuronAxes: [-2] }],
];

describe.each(kernels)("%s", (_, shape, layout) => {
  it.each([Float32Array, Float64Array])("the gradient has its shape and type: %o", async (make) => {
    const data = make.from(normalArray(6, 48));
    const result = await energyAndGradient(backend, { space: "half" }, { data, shape, layout });
    expect(result.gradient).toBeInstanceOf(make);
    expect(result.gradient.length).toBe(48);
    const rows = toNeurons({ data, shape, layout });
    const matrix = await energyAndGradient(
      backend,
      { space: "half" },
      { data: rows.data, shape: [rows.count, rows.dim] },
    );
    expect(rows.count).toBe(6);
    expect(result.energy).toBe(matrix.energy);
    expect(result.gradient).toEqual(fromNeurons(matrix.gradient, shape, layout));
  });

  it("the weights stay as they were", async () => {
    const data = Float64Array.from(normalArray(6, 48));
    const before = data.slice();
    const { gradient } = await energyAndGradient(backend, {}, { data, shape, layout });
    expect(data).toEqual(before);
    expect(gradient.buffer).not.toBe(data.buffer);
  });
});

describe("precision", () => {
  const data = Float64Array.from(normalArray(7, 24));

  it("float32 weights give the float64 result, rounded", async () => {
    const narrow = Float32Array.from(data);
    const rounded = await energyAndGradient(backend, {}, { data: narrow, shape: [4, 6] });
    const exact = await energyAndGradient(backend, {}, { data: Float64Array.from(narrow), shape: [4, 6] });
    expect(rounded.energy).toBe(exact.energy);
    expect(rounded.gradient).toEqual(Float32Array.from(exact.gradient));
  });

  it("float64 weights on a float32 backend are computed by the reference backend", async () => {
    const upload = vi.fn(backend.upload);
    const narrow: Backend<ReturnType<typeof upload>> = { ...backend, name: "narrow", precision: "float32", upload };
    const exact = await energyAndGradient(narrow, {}, { data, shape: [4, 6] });
    expect(upload).not.toHaveBeenCalled();
    expect(exact).toEqual(await energyAndGradient(backend, {}, { data, shape: [4, 6] }));
    await energyAndGradient(narrow, {}, { data: Float32Array.from(data), shape: [4, 6] });
    expect(upload).toHaveBeenCalled();
  });

  it("a backend that can't see coincidences refuses floor 0, naming itself; float64 weights don't reach it", async () => {
    const blind = { ...backend, name: "blind", precision: "float32", bareFormula: false } as const;
    const config = { separationFloor: 0 };
    const narrow = { data: Float32Array.from(data), shape: [4, 6] };
    const error = await energyAndGradient(blind, config, narrow).then(
      () => expect.fail("was accepted"),
      (thrown: EnergyError) => thrown,
    );
    expect(error.code).toBe("unsupported");
    expect(error.message).toMatch(/Backend blind.*separationFloor must be above 0/);
    const exact = await energyAndGradient(blind, config, { data, shape: [4, 6] });
    expectClose([exact.energy], [(await energyAndGradient(backend, {}, { data, shape: [4, 6] })).energy], {
      relative: 1e-12,
    });
  });
});

describe("EnergyError", () => {
  it("is recognized across copies of the package", async () => {
    const error = await failure({ data: new Float32Array(3), shape: [2, 2] });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("EnergyError");
    expect(EnergyError.isInstance(error)).toBe(true);
    expect(EnergyError.isInstance(new Error("x"))).toBe(false);
    expect(EnergyError.isInstance(null)).toBe(false);
    expect(EnergyError.isInstance({ [Symbol.for("comhe.error.EnergyError")]: true })).toBe(true);
  });
});
