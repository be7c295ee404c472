/** Layouts: which numbers of a kernel make a neuron, and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FloatArray } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";
import { fromNeurons, type Kernel, kernelOf, type Layout, neuronAxes, rowsOf, toNeurons } from "./layout.js";

/** 0, 1, 2, …: every number tells where it was. */
const counting = (length: number) => Float32Array.from({ length }, (_, n) => n);
const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const rows = (kernel: Kernel) => {
  const { data, count, dim } = toNeurons(kernel);
  return Array.from({ length: count }, (_, i) => [...data.subarray(i * dim, (i + 1) * dim)]);
};

describe("neurons of", () => {
  it("a dense kernel [in, out]: its columns", () => {
    expect(rows({ data: counting(6), shape: [2, 3], layout: "neurons-last" })).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });

  it("a matrix of rows, and an embedding: its rows, without a copy", () => {
    const data = counting(6);
    for (const layout of [undefined, "neurons-first"] as const) {
      const neurons = toNeurons({ data, shape: [2, 3], layout });
      expect(neurons).toEqual({ data, count: 2, dim: 3 });
      expect(neurons.data).toBe(data);
    }
  });

  it("a convolution [kh, kw, in, out]: one filter for each output channel", () => {
    const shape = [2, 1, 2, 3];
    expect(rows({ data: counting(12), shape, layout: "neurons-last" })).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7, 10],
      [2, 5, 8, 11],
    ]);
  });

  it("an ONNX convolution [out, in/groups, kh, kw]", () => {
    const neurons = toNeurons({ data: counting(24), shape: [2, 3, 2, 2], layout: "neurons-first" });
    expect([neurons.count, neurons.dim]).toEqual([2, 12]);
    expect([...neurons.data]).toEqual([...counting(24)]);
  });

  it("a depthwise convolution [kh, kw, in, mult]: one filter for each channel and multiple", () => {
    expect(rows({ data: counting(12), shape: [3, 1, 2, 2], layout: "depthwise" })).toEqual([
      [0, 4, 8],
      [1, 5, 9],
      [2, 6, 10],
      [3, 7, 11],
    ]);
  });

  it("a transposed convolution [kh, kw, out, in] by { neuronAxes: [-2] }", () => {
    expect(rows({ data: counting(8), shape: [2, 1, 2, 2], layout: { neuronAxes: [-2] } })).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
  });
});

/** A shape of rank 2 to 5 with a layout that fits it. */
const fitting = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 }).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.oneof(
      fc.constantFrom<Layout>("neurons-first", "neurons-last", ...(shape.length > 2 ? (["depthwise"] as const) : [])),
      fc
        .shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: 1, maxLength: shape.length - 1 },
        )
        .map((neuronAxes) => ({ neuronAxes })),
    ),
  ),
);

describe("laws", () => {
  it("there and back again, in float32 and float64", () => {
    fc.assert(
      fc.property(fitting, fc.boolean(), ([shape, layout], wide) => {
        const data: FloatArray = wide ? Float64Array.from(counting(size(shape))) : counting(size(shape));
        const neurons = toNeurons({ data, shape, layout });
        expect(neurons.count * neurons.dim).toBe(data.length);
        expect([...neurons.data].sort((a, b) => a - b)).toEqual([...data]);
        const back = fromNeurons(neurons.data, shape, layout);
        expect(back).toEqual(data);
        expect(back.constructor).toBe(data.constructor);
      }),
      { seed: 71, numRuns: 300 },
    );
  });

  it("an entry's neuron is told by its position on the neuron axes alone", () => {
    fc.assert(
      fc.property(fitting, ([shape, layout]) => {
        const { permutation, count, dim } = neuronAxes(shape, layout);
        const { data } = toNeurons({ data: counting(size(shape)), shape, layout });
        const place = (entry: number) =>
          shape.map((length, axis) => Math.floor(entry / size(shape.slice(axis + 1))) % length);
        let axes = 0;
        for (let product = 1; product < count || axes === 0; axes++) product *= shape[permutation[axes]];
        for (let i = 0; i < count; i++) {
          const positions = Array.from(data.subarray(i * dim, (i + 1) * dim), (entry) =>
            permutation.slice(0, axes).map((axis) => place(entry)[axis]),
          );
          for (const position of positions) expect(position).toEqual(positions[0]);
        }
      }),
      { seed: 72, numRuns: 100 },
    );
  });

  it("negative axes count from the end", () => {
    const data = counting(24);
    const shape = [2, 3, 4];
    const from = (axes: number[]) => toNeurons({ data, shape, layout: { neuronAxes: axes } });
    expect(from([-1, 0])).toEqual(from([2, 0]));
    expect(from([-1])).toEqual(toNeurons({ data, shape, layout: "neurons-last" }));
  });
});

describe("what doesn't fit is refused", () => {
  const error = (kernel: unknown) => {
    try {
      toNeurons(kernel as Kernel);
    } catch (thrown) {
      expect(EnergyError.isInstance(thrown) && thrown.code).toBe("invalid-shape");
      return (thrown as EnergyError).message;
    }
    return expect.fail(`${JSON.stringify(kernel)} was accepted`);
  };
  const kernel = { data: counting(36), shape: [3, 3, 2, 2] };

  it.each([undefined, null])("a kernel of rank 4 with layout %s: nothing guesses", (layout) => {
    const message = error({ ...kernel, layout });
    expect(message).toContain("[3, 3, 2, 2]");
    expect(message).toMatch(/"neurons-first", "neurons-last", "depthwise" or \{ neuronAxes: \[\.\.\.\] \}/);
  });

  it("a vector without layout", () => {
    expect(error({ data: counting(3), shape: [3] })).toMatch(/Expected shape \[neurons, dimension\], got \[3\]/);
  });

  it("an unknown layout, by name", () => {
    expect(error({ ...kernel, layout: "channels-last" })).toMatch(/Unknown layout "channels-last".*"neurons-last"/);
    expect(error({ ...kernel, layout: { axes: [0] } })).toContain('Unknown layout {"axes":[0]}');
  });

  it.each([
    ["beyond the rank", [4]],
    ["below the rank", [-5]],
    ["twice the same", [1, 1]],
    ["twice the same, once from the end", [-1, 3]],
    ["none", []],
    ["all of them", [0, 1, 2, 3]],
    ["broken", [0.5]],
  ])("neuron axes %s", (_, axes) => {
    const message = error({ ...kernel, layout: { neuronAxes: axes } });
    expect(message).toContain(JSON.stringify({ neuronAxes: axes }));
    expect(message).toContain("[3, 3, 2, 2]");
  });

  it("depthwise on a matrix: no axis is left for the weights", () => {
    expect(error({ data: counting(4), shape: [2, 2], layout: "depthwise" })).toMatch(/"depthwise".*\[2, 2\]/);
  });

  it.each([[[0, 3]], [[-1, 3]], [[1.5, 2]]])("a shape of %j", (shape) => {
    expect(error({ data: counting(0), shape })).toContain("positive whole numbers");
  });
});

describe("many kernels of one shape", () => {
  it.each<[string, readonly number[], Layout]>([
    ["columns, in blocks and what is left of them", [7, 519], "neurons-last"],
    ["a convolution's filters", [3, 2, 5, 6], "neurons-last"],
    ["rows", [6, 5], "neurons-first"],
    ["a transposed convolution's", [2, 3, 4, 5], { neuronAxes: [-2] }],
  ])("%s go into memory of the caller's and back, times a number", (_title, shape, layout) => {
    const axes = neuronAxes(shape, layout);
    const data = counting(size(shape));
    const memory = new Float32Array(size(shape) + 3);
    const into = memory.subarray(3);
    expect(rowsOf(data, axes, into)).toBe(into);
    expect(Array.from(into)).toEqual(Array.from(toNeurons({ data, shape, layout }).data));
    expect(Array.from(memory.subarray(0, 3))).toEqual([0, 0, 0]);
    expect(Array.from(kernelOf(into, axes, 3))).toEqual(Array.from(data, (number) => 3 * number));
    const back = new Float32Array(size(shape));
    expect(kernelOf(into, axes, 1, back)).toBe(back);
    expect(Array.from(back)).toEqual(Array.from(data));
  });
});
