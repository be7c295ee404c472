/** Exported files: what they say, that they are standard, and that three runtimes get the reference's numbers from them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { createEvaluator, type EnergyConfig, type EvaluatorState, referenceBackend } from "@comhe/core";
import { AttributeProto_AttributeType, type GraphProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import type { InferenceSession, Tensor, TypedTensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { energyModelInputs, exportEnergyModel, type ModelShape, type OnnxBackendOptions } from "../src/index.js";
import { expectSame, normalRows, referenceResult } from "./support/compare.js";
import { pythonMissing, runPython } from "./support/python.js";
import { type RuntimeName, runtimes } from "./support/runtimes.js";

const dim = 24;
const seed = 5;

interface Exported {
  readonly config: EnergyConfig;
  /** Fits `count` rows. */
  readonly shape: ModelShape | "dynamic";
  readonly counts: readonly number[];
}

const fixedMatrices = { data: Array.from(normalRows(2 * 7, dim, 9)), shape: [2, 7, dim] as const };
const exported: Record<string, Exported> = {
  "half space": { config: { space: "half" }, shape: { count: 40, dim }, counts: [40] },
  "half space in blocks": { config: { space: "half" }, shape: { count: 300, dim }, counts: [300] },
  "half space, any shape": { config: { space: "half" }, shape: "dynamic", counts: [1, 2, 40, 300, 513] },
  "angular, any shape": {
    config: { potential: { kind: "riesz", s: 1, distance: "angular" } },
    shape: "dynamic",
    counts: [1, 2, 40, 300],
  },
  "full space with ε, any count": { config: { space: "full", normEpsilon: 0.1 }, shape: { dim }, counts: [1, 3, 300] },
  "random, any shape": {
    config: { space: "half", projection: { kind: "random", dimension: 8, count: 3 } },
    shape: "dynamic",
    counts: [2, 40, 300],
  },
  "random, the largest": {
    config: { projection: { kind: "random", dimension: 8, count: 3, reduce: "max" } },
    shape: { count: 40, dim },
    counts: [40],
  },
  fixed: { config: { projection: { kind: "fixed", matrices: fixedMatrices } }, shape: "dynamic", counts: [5, 40] },
  "groups, any count": { config: { projection: { kind: "group", groups: 5 } }, shape: { dim }, counts: [2, 40, 300] },
  "shuffled groups": {
    config: { projection: { kind: "group", groups: 5, shuffle: true } },
    shape: { count: 40, dim },
    counts: [40],
  },
  "bilateral, any shape": {
    config: { projection: { kind: "bilateral", rank: 6 } },
    shape: "dynamic",
    counts: [4, 300],
  },
  "adversarial, any shape": {
    config: { projection: { kind: "adversarial", dimension: 8, steps: 2 } },
    shape: "dynamic",
    counts: [40, 300],
  },
  "adversarial, unrolled": {
    config: {
      space: "half",
      projection: { kind: "adversarial", dimension: 8, count: 2, steps: 2, through: "unrolled" },
    },
    shape: { count: 40 },
    counts: [40],
  },
  "angle-preserving": {
    config: { projection: { kind: "angle-preserving", dimension: 8, steps: 1, through: "unrolled", form: "root" } },
    shape: { count: 40, dim },
    counts: [40],
  },
};
const cases = Object.entries(exported);

const inputsOf = (config: EnergyConfig, count: number) => ({
  weights: { data: normalRows(count, dim), shape: [count, dim] },
  ...energyModelInputs(config, { count, dim }, { seed }),
});

describe.each(Object.keys(runtimes) as RuntimeName[])("runs on %s", (name) => {
  it.each(cases)("%s", async (_, { config, shape, counts }) => {
    const { runtime, executionProviders }: OnnxBackendOptions = runtimes[name];
    const model = exportEnergyModel(config, shape);
    const session = await runtime.InferenceSession.create(model, { executionProviders: executionProviders! });
    for (const count of counts) {
      const inputs = inputsOf(config, count);
      expect([...session.inputNames].sort()).toEqual(Object.keys(inputs).sort());
      const feeds: Record<string, Tensor> = {};
      for (const [input, { data, shape: lengths }] of Object.entries(inputs)) {
        const type = data instanceof Int32Array ? "int32" : "float32";
        feeds[input] = new runtime.Tensor(type, data as never, lengths);
      }
      const { energy, gradient } = (await session.run(feeds)) as Record<string, TypedTensor<"float32">>;
      expect([energy!.dims, gradient!.dims]).toEqual([[], [count, dim]]);
      const expected = await referenceResult(config, inputs.weights, seed);
      expectSame({ energy: energy!.data[0]!, gradient: gradient!.data }, expected, inputs.weights, [1e-5, 5e-4]);
    }
    await session.release();
  });
});

describe("python", () => {
  it.skipIf(pythonMissing)(`onnx.checker and onnxruntime${pythonMissing ? ` (${pythonMissing})` : ""}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "comhe-export-"));
    const jobs = cases.flatMap(([name, { config, shape, counts }], n) => {
      const path = join(folder, `${n}.onnx`);
      writeFileSync(path, exportEnergyModel(config, shape));
      return counts.map((count) => {
        const inputs = Object.entries(inputsOf(config, count)).map(([input, { data, shape: lengths }]) => {
          return [input, { data: Array.from(data), shape: lengths, integers: data instanceof Int32Array }];
        });
        return { name, path, config, count, inputs: Object.fromEntries(inputs) };
      });
    });
    const results = runPython(
      `
import json, sys, numpy as np, onnx, onnxruntime
results = []
for job in json.load(sys.stdin):
    onnx.checker.check_model(job["path"], full_check=True)
    session = onnxruntime.InferenceSession(job["path"], providers=["CPUExecutionProvider"])
    feeds = {name: np.array(a["data"], np.int32 if a["integers"] else np.float32).reshape(a["shape"])
             for name, a in job["inputs"].items()}
    energy, gradient = session.run(["energy", "gradient"], feeds)
    results.append([float(energy), gradient.ravel().tolist()])
json.dump(results, sys.stdout)
`,
      jobs.map(({ path, inputs }) => ({ path, inputs })),
    ) as [number, number[]][];
    rmSync(folder, { recursive: true });
    expect(results.length).toBe(jobs.length);
    for (const [n, { config, count }] of jobs.entries()) {
      const { weights } = inputsOf(config, count);
      const [energy, gradient] = results[n]!;
      // All optimizations are on there.
      expectSame({ energy, gradient }, await referenceResult(config, weights, seed), weights, [1e-5, 5e-4]);
    }
  });
});

describe("what the file holds", () => {
  const read = (config: EnergyConfig, shape: ModelShape | "dynamic") =>
    fromBinary(ModelProtoSchema, exportEnergyModel(config, shape));
  const nodesOf = (graph: GraphProto): NodeProto[] =>
    graph.node.flatMap((node) => [
      node,
      ...node.attribute.flatMap(({ type, g }) => (type === AttributeProto_AttributeType.GRAPH ? nodesOf(g!) : [])),
    ]);

  it("standard operators of opset 17, and no other", () => {
    // By when each took the form that is used; all are in opset 17.
    const since: Record<string, number> = {
      Abs: 13,
      Add: 14,
      Atan: 7,
      Cast: 13,
      Concat: 13,
      Div: 14,
      Exp: 13,
      Gather: 13,
      Gemm: 13,
      Greater: 13,
      Hardmax: 13,
      Identity: 16,
      If: 16,
      Less: 13,
      Log: 13,
      Loop: 16,
      MatMul: 13,
      Max: 13,
      Min: 13,
      Mul: 14,
      Pad: 13,
      Pow: 15,
      Range: 11,
      Reciprocal: 13,
      ReduceMax: 13,
      ReduceSum: 13,
      Reshape: 14,
      Shape: 15,
      Slice: 13,
      Sqrt: 13,
      Squeeze: 13,
      Sub: 14,
      Transpose: 13,
      Trilu: 14,
      Unsqueeze: 13,
      Expand: 13,
    };
    for (const [, { config, shape }] of cases) {
      const { graph, opsetImport, irVersion } = read(config, shape);
      expect([opsetImport.length, opsetImport[0]!.domain, opsetImport[0]!.version, irVersion]).toEqual([
        1,
        "",
        17n,
        8n,
      ]);
      for (const { opType, domain } of nodesOf(graph!)) {
        expect(domain).toBe("");
        expect(since[opType], opType).toBeLessThanOrEqual(17);
      }
    }
  });

  it("says what it is, and what each input and output is", () => {
    const { graph, docString, metadataProps, producerName } = read(exported["random, any shape"]!.config, "dynamic");
    expect(producerName).toBe("@comhe/onnx");
    expect(docString + graph!.docString).toMatch(/1805\.09298/);
    const spec = JSON.parse(metadataProps.find(({ key }) => key === "comhe.spec")!.value);
    expect(spec.projection).toMatchObject({ kind: "random", dimension: 8, count: 3 });
    for (const { docString: doc, name } of [...graph!.input, ...graph!.output]) expect(doc, name).not.toBe("");
    expect(graph!.input.map(({ name }) => name)).toEqual(["weights", "matrices"]);
    expect(graph!.output.map(({ name }) => name)).toEqual(["energy", "gradient"]);
  });

  it("no array of all pairs: the largest known shape has far fewer entries", async () => {
    const model = read({ space: "half" }, { count: 16384, dim: 64 });
    const constants = model.graph!.initializer.reduce((total, { rawData }) => total + rawData.length, 0);
    expect(constants).toBeLessThan(10_000);
  });

  it("matrices of a seed, where they are baked", async () => {
    const { config } = exported["random, any shape"]!;
    const { runtime } = runtimes["onnxruntime-node, cpu"];
    const model = exportEnergyModel(config, { count: 40, dim }, { bake: { seed } });
    const session = await runtime.InferenceSession.create(model);
    expect(session.inputNames).toEqual(["weights"]);
    const weights = { data: normalRows(40, dim), shape: [40, dim] };
    const { energy } = await session.run({ weights: new runtime.Tensor("float32", weights.data, [40, dim]) });
    expect(energy!.data[0]).toBeCloseTo((await referenceResult(config, weights, seed)).energy, 5);
    await session.release();
  });

  it("matrices_next fed back follow the evaluator's path", async () => {
    const { config } = exported["adversarial, unrolled"]!;
    const { runtime } = runtimes["onnxruntime-node, cpu"];
    const session: InferenceSession = await runtime.InferenceSession.create(
      exportEnergyModel(config, { count: 40, dim }),
    );
    const weights = { data: normalRows(40, dim), shape: [40, dim] };
    const evaluator = createEvaluator(referenceBackend(), config, { seed });
    const { matrices } = energyModelInputs(config, { count: 40, dim }, { seed });
    let fed: Tensor = new runtime.Tensor("float32", matrices!.data as Float32Array, matrices!.shape);
    for (let step = 0; step < 3; step++) {
      const rows = new runtime.Tensor("float32", weights.data, [40, dim]);
      const { energy, matrices_next } = await session.run({ weights: rows, matrices: fed });
      const expected = await evaluator.evaluate({ ...weights, data: Float64Array.from(weights.data) });
      expect(Math.abs((energy!.data[0] as number) / expected.energy - 1)).toBeLessThan(1e-4);
      fed = matrices_next!;
    }
    const { data } = (evaluator.state() satisfies EvaluatorState).kept.matrices!;
    const got = fed.data as Float32Array;
    expect(Math.max(...data.map((value, n) => Math.abs(value - got[n]!)))).toBeLessThan(1e-3 * Math.max(...data));
    await session.release();
  });

  it("refreshed matrices of any step", () => {
    const { config } = exported["random, any shape"]!;
    const at = (step: number) => energyModelInputs(config, { count: 40, dim }, { seed, step }).matrices!.data;
    expect(at(0)).not.toEqual(at(1));
    expect(at(1)).toEqual(at(1));
  });
});

describe("refuses, with the reason", () => {
  it.each([
    ["groups of any dimension", { projection: { kind: "group", groups: 3 } }, "dynamic", /fixed dim/],
    ["a mismatch of any count", { projection: { kind: "angle-preserving", dimension: 8 } }, { dim }, /fixed count/],
    [
      "pca",
      { projection: { kind: "pca", dimension: 8 } },
      { count: 40, dim },
      /computes its matrices from the weights/,
    ],
    ["no neurons", {}, { count: 0, dim }, /count, a whole number above 0, got 0/],
    ["half a dimension", {}, { dim: 1.5 }, /dim, a whole number above 0, got 1.5/],
    ["another word", {}, "static" as "dynamic", /expected { count, dim }.*got "static"/],
    ["no shape", {}, undefined as never, /got nothing/],
    [
      "matrices that don't fit",
      { projection: { kind: "fixed", matrices: fixedMatrices } },
      { dim: 9 },
      /shape \[C, k, 9\]/,
    ],
    ["a host objective", { objective: { kind: "gram-determinant" } }, { count: 4, dim }, /gram-determinant/],
  ] satisfies [string, EnergyConfig, ModelShape | "dynamic", RegExp][])("%s", (_, config, shape, message) => {
    expect(() => exportEnergyModel(config, shape)).toThrow(message);
  });

  it("inputs of any length", () => {
    const { config } = exported["random, any shape"]!;
    expect(() => energyModelInputs(config, "dynamic" as never)).toThrow(/count, a whole number above 0, got undefined/);
  });

  it("baking what moves", () => {
    const config: EnergyConfig = { projection: { kind: "adversarial", dimension: 8 } };
    expect(() => exportEnergyModel(config, { count: 4, dim }, { bake: { seed: 1 } })).toThrow(/matrices_next/);
  });
});
