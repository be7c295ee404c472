/** The shipped models, read and measured: against protobuf in one piece, and against the reference backend. */
import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { auditLayer, openModel } from "@comhe/cli";
import { defineEnergy, type PotentialSpec, referenceBackend } from "@comhe/core";
import { onnxBackend, readWeights } from "@comhe/onnx";
import { type GraphProto, ModelProtoSchema, type TensorProto } from "onnx-buf";
import * as runtime from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { parseCommandLine, UsageError } from "../src/command-line.js";
import { inspectModel } from "../src/inspect.js";
import { pathOf, SHIPPED_MODELS } from "../src/shipped-models.js";
import { layerTable, mostRedundant } from "../src/table.js";

const fileOf = (name: string) => pathOf(SHIPPED_MODELS.find((model) => model.name === name)!);

/** Stored tensors by the names that weights have. */
function storedTensors(file: string): Map<string, TensorProto> {
  const tensors = new Map<string, TensorProto>();
  const inGraph = (graph: GraphProto) => {
    for (const tensor of graph.initializer) tensors.set(tensor.name, tensor);
    for (const node of graph.node) {
      for (const { t, g } of node.attribute) {
        if (node.opType === "Constant" && t !== undefined) tensors.set(node.output[0]!, t);
        if (g !== undefined) inGraph(g);
      }
    }
  };
  inGraph(fromBinary(ModelProtoSchema, readFileSync(file)).graph!);
  return tensors;
}

describe.each(SHIPPED_MODELS.map((model) => [model.name, model] as const))("%s", (name, model) => {
  it("has every weight, with the numbers of the file", async () => {
    const file = pathOf(model);
    const tensors = storedTensors(file);
    const { weights, unplaced } = await readWeights(file);
    const expected = { "ocr-rec": 47, "ocr-det": 64, "ocr-cls": 54, "vad-legacy": 100, "vad-v5": 28 };
    expect(weights).toHaveLength(expected[name as keyof typeof expected]);
    expect(new Set(weights.map((weight) => weight.name)).size).toBe(weights.length);
    const used = new Set(weights.map(({ tensor }) => tensor));
    expect(used.size + unplaced.length).toBe(tensors.size);
    let numbers = 0;
    for (const weight of weights) {
      const { data } = await weight.kernel();
      expect(data.length).toBe(weight.count * weight.dim);
      numbers += data.length;
      if (weight.via.length > 0 || weight.part !== undefined) continue;
      const raw = tensors.get(weight.tensor)!.rawData;
      expect(Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(raw), weight.name).toBe(true);
    }
    // Matrices and kernels are nearly all there is in the file.
    expect(numbers * 4).toBeGreaterThan(0.85 * readFileSync(file).length - 200_000);
  });
});

it("the energies of ONNX Runtime are those of the reference backend", async () => {
  const backend = await onnxBackend({ runtime });
  const [fast, exact] = [
    await inspectModel(backend, fileOf("vad-v5"), "half"),
    await inspectModel(referenceBackend(), fileOf("vad-v5"), "half"),
  ];
  await backend.dispose();
  expect(fast.layers).toHaveLength(26);
  fast.layers.forEach((layer, n) => {
    const reference = exact.layers[n]!;
    expect(Math.abs(layer.energy - reference.energy), layer.name).toBeLessThan(1e-4 * reference.energy);
    if (layer.best !== undefined) expect(layer.energy).toBeGreaterThan(layer.best);
  });
  const [worst, second] = mostRedundant(fast.layers, 2);
  expect(worst!.score).toBeGreaterThanOrEqual(second!.score!);
  expect(layerTable([worst!])).toContain(`${worst!.count} × ${worst!.dim}`);
});

it("the dead neurons and the energy of a layer are those of comhe audit", async () => {
  const [backend, file] = [referenceBackend(), fileOf("ocr-det")];
  const inspected = (await inspectModel(backend, file, "half")).layers.find(({ name }) => name === "conv2d_96.w_0")!;
  const model = await openModel(file);
  const layer = model.layers.find(({ name }) => name === "conv2d_96.w_0")!;
  const settings = {
    spec: defineEnergy({ space: "half" }) as PotentialSpec,
    projected: null,
    budget: null,
    pairs: null,
    seed: 0,
  };
  const audit = await auditLayer(backend, file, layer, settings, async () => {});
  await model.close();
  expect(inspected.deadNeurons).toBe(audit.dead);
  expect(audit.dead).toBeGreaterThan(0);
  expect(Math.abs(inspected.energy / audit.energyHalf - 1)).toBeLessThan(1e-9);
});

describe("flags", () => {
  it("all shipped models by default, in half space", () => {
    const line = parseCommandLine([]);
    expect(line?.models).toHaveLength(SHIPPED_MODELS.length);
    expect(line).toMatchObject({ space: "half", top: undefined });
    expect(parseCommandLine(["--help"])).toBeUndefined();
  });

  it.each([
    [["--space", "quarter"], /--space: expected half or full, got "quarter"/],
    [["--top", "0"], /--top: expected a whole number of at least 1/],
    [["nothing-there.onnx"], /Expected a path or one of .*got "nothing-there.onnx"/],
    [["--deep"], /Unknown option '--deep'/],
  ])("%j", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
    expect(() => parseCommandLine(args)).toThrow(UsageError);
  });
});
