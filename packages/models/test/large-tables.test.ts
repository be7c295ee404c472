/**
 * Tables that don't fit into memory, in every place an ONNX file has for them. The files are sparse: their first rows are
 * written, and the rest is a hole that takes no room on the disk.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openModel } from "../src/index.js";
import { readWeights } from "../src/onnx.js";
import { readNeurons } from "../src/read-neurons.js";
import type { ByteSource } from "../src/source/byte-source.js";
import { model, node, raw, type Tensor, Type, value } from "./onnx/support/build-model.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A tensor whose numbers lie in a file of its own. */
function outside(name: string, dims: readonly number[], dataType: Type, location: string): Tensor {
  const externalData = [{ key: "location", value: location }] as never;
  return { name, dims: dims.map(BigInt), dataType, dataLocation: 1, externalData } as Tensor;
}

function sparse(location: string, bytes: number, first: Uint8Array | Float32Array): void {
  const file = openSync(join(folder, location), "w");
  writeSync(file, first);
  ftruncateSync(file, bytes);
  closeSync(file);
}

function save(name: string, nodes: Parameters<typeof model>[0]["nodes"], initializers: Tensor[]): string {
  const path = join(folder, name);
  writeFileSync(path, model({ nodes, initializers, inputs: [value("x")], outputs: [value("y")], microsoft: true }));
  return path;
}

/** Numbers that are read of the file, and how often. */
function counted(source: ByteSource) {
  const reads: number[] = [];
  const read: ByteSource["read"] = (from, count) => {
    reads.push(count);
    return source.read(from, count);
  };
  return { source: { ...source, read } satisfies ByteSource, reads };
}

const first = Float32Array.from({ length: 384 * 4 }, (_, n) => n + 1);

describe("a vocabulary of 250,037 × 384", () => {
  it.each([
    ["looked up", "Gather", { axis: 0 }, ["t", "x"], [250_037, 384]],
    ["multiplied with", "MatMul", {}, ["x", "t"], [384, 250_037]],
    ["multiplied with, transposed", "Gemm", { transB: 1 }, ["x", "t"], [250_037, 384]],
  ] as const)("%s, is read in parts", async (title, op, attributes, inputs, dims) => {
    const location = `${title}.bin`;
    sparse(location, 250_037 * 384 * 4, first);
    const path = save(
      `${title}.onnx`,
      [node(op, [...inputs], ["y"], attributes)],
      [outside("t", dims, Type.FLOAT, location)],
    );
    const opened = await openModel(path);
    const [layer] = opened.layers;
    const across = dims[0] === 384;
    const rows = await readNeurons(layer!, [0, 2, 250_036]);
    expect(rows.length).toBe(3 * 384);
    const expected = across ? [1, 0, 0] : [1, 2, 3];
    expect(Array.from(rows.slice(0, 3))).toEqual(expected);
    expect(Array.from(rows.slice(384, 387))).toEqual(across ? [3, 0, 0] : [769, 770, 771]);
    expect(rows[3 * 384 - 1]).toBe(0);
    await opened.close();
  });

  it("of codes in blocks, is read in parts", async () => {
    sparse("codes.bin", (250_037 * 384) / 2, new Uint8Array(192).fill(0x9a));
    sparse("scales.bin", 250_037 * 12 * 4, new Float32Array(12).fill(2));
    const attributes = { gather_axis: 0, quantize_axis: 1, block_size: 32, bits: 4 };
    const path = save(
      "codes.onnx",
      [node("GatherBlockQuantized", ["t", "x", "s"], ["y"], attributes, { domain: "com.microsoft" })],
      [outside("t", [250_037, 192], Type.UINT8, "codes.bin"), outside("s", [250_037, 12], Type.FLOAT, "scales.bin")],
    );
    const opened = await openModel(path);
    const rows = await readNeurons(opened.layers[0]!, [0, 250_036]);
    expect(Array.from(rows.slice(0, 4))).toEqual([4, 2, 4, 2]);
    expect(rows[2 * 384 - 1]).toBe(-0);
    await opened.close();
  });
});

describe("a stack of experts", () => {
  const [experts, rows, columns] = [16, 24, 40];
  const stack = Float32Array.from({ length: experts * rows * columns }, (_, n) => n);
  const scale = raw("s", [], Float32Array.of(0.5));
  const codes = Int8Array.from({ length: experts * rows * columns }, (_, n) => n % 100);
  const ways: [string, Parameters<typeof model>[0]["nodes"], Tensor[], (n: number) => number][] = [
    [
      "Transpose",
      [node("Transpose", ["w"], ["t"], { perm: [0, 2, 1] })],
      [raw("w", [experts, rows, columns], stack)],
      (n) => n,
    ],
    ["Cast", [node("Cast", ["w"], ["t"], { to: Type.DOUBLE })], [raw("w", [experts, rows, columns], stack)], (n) => n],
    [
      "DequantizeLinear",
      [node("DequantizeLinear", ["w", "s"], ["t"])],
      [raw("w", [experts, rows, columns], codes), scale],
      (n) => (n % 100) / 2,
    ],
    [
      "DequantizeLinear and Transpose",
      [node("DequantizeLinear", ["w", "s"], ["d"]), node("Transpose", ["d"], ["t"], { perm: [0, 2, 1] })],
      [raw("w", [experts, rows, columns], codes), scale],
      (n) => (n % 100) / 2,
    ],
  ];
  it.each(ways)("behind %s is read once in all, each expert alone", async (_, nodes, tensors, at) => {
    const bytes = model({
      nodes: [...nodes, node("MatMul", ["x", "t"], ["y"])],
      initializers: tensors,
      inputs: [value("x")],
    });
    const memory: ByteSource = {
      name: "m.onnx",
      size: bytes.length,
      read: async (from, count) => bytes.slice(from, from + count),
    };
    const { source, reads } = counted(memory);
    const opened = await openModel(source);
    expect(opened.layers.length).toBe(experts);
    const header = reads.length;
    for (const [expert, layer] of opened.layers.entries()) {
      const data = await layer.read();
      expect(data[0]).toBe(at(expert * rows * columns));
    }
    const width = tensors[0]!.dataType === Type.INT8 ? 1 : 4;
    const weights = reads.slice(header).filter((count) => count > 64);
    expect(weights.reduce((sum, count) => sum + count, 0)).toBe(stack.length * width);
    await opened.close();
  });
});

it("two gibibytes are no single read", async () => {
  sparse("two.bin", 2 ** 31, first);
  const path = save(
    "two.onnx",
    [node("Gather", ["t", "x"], ["y"])],
    [outside("t", [524_288, 1024], Type.FLOAT, "two.bin")],
  );
  const { weights } = await readWeights(path);
  expect(Array.from(await weights[0]!.kernelPart!(0, 3))).toEqual([1, 2, 3]);
  if (process.env.MODE !== "full") {
    console.log("reading the two gibibytes whole takes 5 GB of memory: `npm run fuzz` does it");
    return;
  }
  // One call for so much would end the process.
  const { data } = await weights[0]!.kernel();
  expect([data.length, data[2], data[data.length - 1]]).toEqual([2 ** 29, 3, 0]);
});
