/** Every type, every way of storing it, wherever it is stored. */
import { mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";
import { model, node, normal, raw, type Tensor, Type } from "./support/build-model.js";

const product = node("MatMul", ["x", "w"], ["y"]);
const folder = mkdtempSync(join(tmpdir(), "comhe-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

const oneTensor = (tensor: Tensor) => model({ nodes: [product], initializers: [tensor] });

async function numbers(file: Parameters<typeof readWeights>[0], options = {}): Promise<number[]> {
  const { weights } = await readWeights(file, options);
  expect(weights).toHaveLength(1);
  return Array.from((await weights[0]!.kernel()).data);
}

describe("types and fields", () => {
  const dims = [2n, 3n];
  const whole = [1, -2, 3, 0, 5, -6];

  it.each([
    [
      "float32, float_data",
      { dataType: Type.FLOAT, floatData: [1.5, -2, 3e-40, 0, 5e30, -6] },
      [1.5, -2, Math.fround(3e-40), 0, Math.fround(5e30), -6],
    ],
    [
      "float64, double_data",
      { dataType: Type.DOUBLE, doubleData: [1e300, -2.1, 3, 0, 5, -6] },
      [1e300, -2.1, 3, 0, 5, -6],
    ],
    [
      "float16, bits in int32_data",
      { dataType: Type.FLOAT16, int32Data: [0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0x3555] },
      [1, -2, 2 ** -24, -0, 65504, 0.333251953125],
    ],
    [
      "bfloat16, bits in int32_data",
      { dataType: Type.BFLOAT16, int32Data: [0x3f80, 0xc000, 0x0001, 0x8000, 0x7f7f, 0x3eab] },
      [1, -2, 2 ** -133, -0, 2 ** 128 - 2 ** 120, 0.333984375],
    ],
    [
      "bfloat16, raw",
      { dataType: Type.BFLOAT16, rawData: new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0, 0, 0, 0x3eab).buffer) },
      [1, -2, 0, 0, 0, 0.333984375],
    ],
  ] as const)("%s", async (_, tensor, expected) => {
    expect(await numbers(oneTensor({ name: "w", dims, ...(tensor as Partial<Tensor>) } as Tensor))).toEqual([
      ...expected,
    ]);
  });

  it.each([
    ["int8, int32_data", { dataType: Type.INT8, int32Data: whole }],
    ["int16, int32_data", { dataType: Type.INT16, int32Data: whole }],
    ["int32, int32_data", { dataType: Type.INT32, int32Data: whole }],
    ["int4, two by two in int32_data", { dataType: Type.INT4, int32Data: [0xe1, 0x03, 0xa5] }],
    ["int4, raw", { dataType: Type.INT4, rawData: Uint8Array.of(0xe1, 0x03, 0xa5) }],
  ] as const)("%s, dequantized", async (_, tensor) => {
    const file = model({
      nodes: [node("DequantizeLinear", ["q", "s"], ["w"]), product],
      initializers: [{ name: "q", dims, ...(tensor as Partial<Tensor>) } as Tensor, raw("s", [], Float32Array.of(2))],
    });
    expect(await numbers(file)).toEqual(whole.map((number) => 2 * number));
  });

  it("values that aren't packed, in several stretches", async () => {
    const tensor = new BinaryWriter().tag(8, WireType.LengthDelimited).string("w");
    tensor.tag(1, WireType.Varint).int64(2).tag(2, WireType.Varint).int32(Type.FLOAT).tag(1, WireType.Varint).int64(3);
    tensor.tag(4, WireType.Bit32).float(1).tag(4, WireType.Bit32).float(2);
    tensor.tag(12, WireType.LengthDelimited).string("a comment between them");
    tensor
      .tag(4, WireType.Bit32)
      .float(3)
      .tag(4, WireType.LengthDelimited)
      .bytes(new Uint8Array(Float32Array.of(4, 5, 6).buffer));
    expect(await numbers(modelAround(tensor.finish()))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ["too few bytes", { dataType: Type.FLOAT, rawData: new Uint8Array(23) }, /needs 24 bytes; 23 are there/],
    ["too many bytes", { dataType: Type.FLOAT, rawData: new Uint8Array(28) }, /needs 24 bytes; 28 are there/],
    ["too few values", { dataType: Type.FLOAT, floatData: [1, 2, 3, 4, 5] }, /needs 6 values; 20 bytes are there/],
    ["no values", { dataType: Type.FLOAT }, /needs 6 values; 0 bytes are there/],
    [
      "values of another field",
      { dataType: Type.FLOAT, int64Data: [1n, 2n, 3n, 4n, 5n, 6n] },
      /needs 6 values; 0 bytes/,
    ],
    [
      "a shape from hell",
      { dims: [1n << 40n, 1n << 40n], dataType: Type.FLOAT },
      /has the shape \[1099511627776, 1099511627776\]/,
    ],
    [
      "a negative size",
      { dims: [-2n, -3n], dataType: Type.FLOAT, rawData: new Uint8Array(24) },
      /has the shape \[-2, -3\]/,
    ],
    [
      "more than there is memory",
      { dims: [1n << 34n, 3n], dataType: Type.FLOAT, rawData: new Uint8Array(24) },
      /needs 206158430208 bytes; 24 are there/,
    ],
  ] as const)("%s", async (_, tensor, message) => {
    const failure = readWeights(oneTensor({ name: "w", dims, ...(tensor as Partial<Tensor>) } as Tensor));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: "invalid-file" });
  });

  it("too many values are noticed when they are read", async () => {
    const { weights } = await readWeights(
      oneTensor({
        name: "w",
        dims,
        dataType: Type.INT64,
        floatData: [],
        int64Data: [1n, 2n, 3n, 4n, 5n, 6n, 7n],
      } as Tensor),
    );
    expect(weights).toEqual([]);
    const file = oneTensor({ name: "w", dims, dataType: Type.FLOAT, floatData: [1, 2, 3, 4, 5, 6, 7] } as Tensor);
    await expect(numbers(file)).rejects.toThrow(/needs 6 values; 7 are there/);
  });

  it.each([Type.STRING, Type.BOOL, Type.COMPLEX64, 27, 99])("type %i is listed, not read", async (dataType) => {
    const { weights, unplaced } = await readWeights(
      oneTensor({ name: "w", dims, dataType, rawData: new Uint8Array(6) }),
    );
    expect(weights).toEqual([]);
    expect(unplaced[0]!.reason).toMatch(/^numbers of .* aren't read$/);
  });
});

/** A model of one MatMul, around a tensor that is already bytes. */
function modelAround(tensor: Uint8Array): Uint8Array {
  const whole = model({ nodes: [product] });
  const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor).finish();
  // A second piece of the graph: protobuf merges them.
  return Uint8Array.of(...whole, ...new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph).finish());
}

describe("where a model is", () => {
  const data = normal([6]);
  const bytes = oneTensor(raw("w", [2, 3], data));
  const path = join(folder, "small.onnx");
  writeFileSync(path, bytes);

  it.each([
    ["a path", path],
    ["a file URL", pathToFileURL(path)],
    ["a Uint8Array that begins anywhere", new Uint8Array([0, 0, 0, ...bytes]).subarray(3)],
    ["an ArrayBuffer", bytes.buffer],
    ["a Blob", new Blob([bytes])],
  ])("%s", async (_, file) => {
    expect(await numbers(file)).toEqual(Array.from(data));
  });

  it.each([
    ["nothing at a path", join(folder, "missing.onnx"), /can't be read \(there is no such file/],
    ["a folder", folder, /expected a file, got a folder/],
    ["something else", 5 as never, /expected a path, a Uint8Array, an ArrayBuffer or a Blob, got Number/],
    ["an empty file", new Uint8Array(0), /expected an ONNX model, got 0 bytes without a graph/],
    ["text", new TextEncoder().encode("not a model, just words"), /not a whole ONNX file: at byte \d+/],
  ])("%s", async (_, file, message) => {
    const failure = readWeights(file as string);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: "invalid-file" });
  });

  it("a file that changes between being opened and being read", async () => {
    const changing = join(folder, "changing.onnx");
    writeFileSync(changing, bytes);
    const { weights } = await readWeights(changing);
    writeFileSync(changing, Uint8Array.of(...bytes, 0));
    await expect(weights[0]!.kernel()).rejects.toThrow(/it changed while it was read/);
  });

  it("three gigabytes are stepped over, not read", async () => {
    // A tensor with a hole of 3 GB for its data, and a small one behind it.
    const size = 3 * 2 ** 30;
    const head = (name: string, dims: number[]) => {
      const writer = new BinaryWriter()
        .tag(8, WireType.LengthDelimited)
        .string(name)
        .tag(2, WireType.Varint)
        .int32(Type.FLOAT);
      for (const dim of dims) writer.tag(1, WireType.Varint).int64(dim);
      return writer;
    };
    const start = head("big", [size / 4096, 1024])
      .tag(9, WireType.LengthDelimited)
      .uint32(size)
      .finish();
    const graphHead = new BinaryWriter()
      .tag(5, WireType.LengthDelimited)
      .uint32(start.length + size)
      .finish();
    const tail = modelAround(
      head("w", [2, 3]).tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer)).finish(),
    );
    const front = new BinaryWriter()
      .tag(7, WireType.LengthDelimited)
      .uint32(graphHead.length + start.length + size)
      .finish();
    const file = join(folder, "big.onnx");
    const handle = openSync(file, "w");
    const begin = Uint8Array.of(...front, ...graphHead, ...start);
    writeSync(handle, begin);
    writeSync(handle, tail, 0, tail.length, begin.length + size);
    const before = process.memoryUsage();
    const { weights, unplaced } = await readWeights(file);
    expect(Array.from((await weights[0]!.kernel()).data)).toEqual(Array.from(data));
    expect(unplaced.map(({ name, shape }) => [name, shape])).toEqual([["big", [size / 4096, 1024]]]);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 22);
  });
});

describe("external data", () => {
  const data = normal([6]);
  const at = (location: string, more: Record<string, string> = {}): Tensor => ({
    name: "w",
    dims: [2n, 3n],
    dataType: Type.FLOAT,
    dataLocation: 1,
    externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
  });
  const home = join(folder, "model");
  mkdirSync(join(home, "deep"), { recursive: true });
  mkdirSync(join(folder, "model-outside"));
  const content = Uint8Array.of(0, 0, 0, 0, ...new Uint8Array(data.buffer), 9, 9);
  for (const file of [join(home, "w.bin"), join(home, "deep", "w.bin"), join(folder, "model-outside", "w.bin")]) {
    writeFileSync(file, content);
  }
  symlinkSync(join(home, "w.bin"), join(home, "link-inside.bin"));
  symlinkSync(join(folder, "model-outside", "w.bin"), join(home, "link-outside.bin"));
  symlinkSync(join(folder, "model-outside"), join(home, "folder-link"));
  const place = { offset: "4", length: "24" };

  function write(tensor: Tensor): string {
    const path = join(home, "model.onnx");
    writeFileSync(path, oneTensor(tensor));
    return path;
  }

  it.each(["w.bin", "./w.bin", "deep/w.bin", "deep/../w.bin", "link-inside.bin"])("%s is read", async (location) => {
    expect(await numbers(write(at(location, place)))).toEqual(Array.from(data));
  });

  it.each([
    "../model-outside/w.bin",
    "deep/../../model-outside/w.bin",
    join(folder, "model-outside", "w.bin"),
    "link-outside.bin",
    "folder-link/w.bin",
    "..\\model-outside\\w.bin",
    "file:///etc/passwd",
    "C:/Windows/win.ini",
    "w.bin\0.txt",
    "",
    ".",
    "..",
  ])("%j is refused", async (location) => {
    const failure = readWeights(write(at(location, place)));
    await expect(failure).rejects.toThrow(/refused|doesn't name/);
    await expect(failure).rejects.toMatchObject({ code: "invalid-file" });
  });

  it("a link to a folder that the user allows", async () => {
    const file = write(at("link-outside.bin", place));
    expect(await numbers(file, { externalFolders: [join(folder, "model-outside")] })).toEqual(Array.from(data));
  });

  it.each([
    [
      "nothing there",
      at("missing.bin", place),
      /it keeps weights in "missing.bin" beside it, but there is no such file/,
    ],
    ["a folder there", at("deep", place), /expected a file, got a folder/],
    ["past the end", at("w.bin", { offset: "8", length: "24" }), /needs bytes 8 to 32 of .*w\.bin, which has 30/],
    ["far past the end", at("w.bin", { offset: "9007199254740991", length: "24" }), /needs bytes 9007199254740991/],
    ["a length that doesn't fit", at("w.bin", { offset: "0", length: "28" }), /needs 24 bytes; 28 are there/],
    ["a negative offset", at("w.bin", { offset: "-4", length: "24" }), /isn't a whole number/],
    ["no location", { ...at("w.bin"), externalData: [] } as Tensor, /has external data at "", which .* doesn't name/],
  ])("%s", async (_, tensor, message) => {
    const failure = readWeights(write(tensor as Tensor));
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: "invalid-file" });
  });

  it("bytes and Blobs come with theirs", async () => {
    const bytes = oneTensor(at("w.bin", place));
    await expect(readWeights(bytes)).rejects.toThrow(/it keeps weights in "w.bin"; pass that file's bytes or Blob/);
    for (const file of [content, new Blob([content])]) {
      expect(await numbers(new Blob([bytes]), { externalData: { "w.bin": file } })).toEqual(Array.from(data));
    }
  });

  it("a part of five gigabytes is read alone", async () => {
    const size = 5 * 2 ** 30;
    const file = join(home, "stack.bin");
    writeFileSync(file, "");
    truncateSync(file, size);
    const handle = openSync(file, "r+");
    writeSync(handle, Float32Array.from([1, 2, 3, 4, 5, 6]), 0, 24, size - 24);
    const stack: Tensor = { ...at("stack.bin"), dims: [BigInt(size / 2 ** 22), 1024n, 1024n] };
    const before = process.memoryUsage();
    const { weights } = await readWeights(write(stack));
    expect(weights).toHaveLength(size / 2 ** 22);
    const { data: last } = await weights.at(-1)!.kernel();
    expect(Array.from(last.subarray(-6))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 24);
  });
});
