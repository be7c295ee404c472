import { describe, expect, it } from "vitest";
import { draws, numbersOf, stored, table, unpacked } from "../../../test/support/stored-numbers.js";

const nf4 = [
  -1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.091050036, 0, 0.0795803, 0.1609302, 0.2461123,
  0.33791524, 0.44070983, 0.562617, 0.72295684, 1,
].map(Math.fround);

const json = (value: unknown) => Array.from(new TextEncoder().encode(JSON.stringify(value)));

describe("bitsandbytes, 4 bits", () => {
  const [rows, columns, block] = [6, 50, 64];
  const count = rows * columns;
  const codes = draws(1, count, 16);
  const bytes = Array.from({ length: count / 2 }, (_, n) => (codes[2 * n]! << 4) | codes[2 * n + 1]!);
  const blocks = Math.ceil(count / block);
  const settings = { quant_type: "nf4", blocksize: block, dtype: "bfloat16", shape: [rows, columns] };
  const state = (more: object = {}) => {
    const text = json({ ...settings, ...more });
    return stored("l.weight.quant_state.bitsandbytes__nf4", "uint8", [text.length], text);
  };
  const map = stored("l.weight.quant_map", "float32", [16], nf4);
  const absmax = draws(2, blocks, 30).map((value) => (value + 1) / 8);

  it("with a scale for each block", async () => {
    const weight = stored("l.weight", "uint8", [bytes.length, 1], bytes);
    const { left, names, skipped } = await unpacked([
      weight,
      stored("l.weight.absmax", "float32", [blocks], absmax),
      map,
      state(),
      stored("l.bias", "float32", [rows], draws(1, rows, 3)),
    ]);
    expect(names).toEqual(["l.bias", "l.weight"]);
    expect(skipped).toEqual([]);
    expect(left[1]!.shape).toEqual([rows, columns]);
    const expected = codes.map((code, n) => Math.fround(nf4[code]! * absmax[Math.floor(n / block)]!));
    expect(await numbersOf(left[1]!)).toEqual(expected);
  });

  const nested = {
    codes: draws(3, blocks, 256),
    map: draws(4, 256, 999).map((value) => value / 1024),
    absmax: draws(5, Math.ceil(blocks / 2), 9).map((value) => value + 1),
    offset: 0.75,
  };
  const doubly = [
    stored("l.weight.absmax", "uint8", [blocks], nested.codes),
    stored("l.weight.nested_absmax", "float32", [nested.absmax.length], nested.absmax),
    stored("l.weight.nested_quant_map", "float32", [256], nested.map),
    map,
    state({ nested_blocksize: 2, nested_dtype: "float32", nested_offset: nested.offset }),
  ];
  const scale = (at: number) =>
    Math.fround(nested.map[nested.codes[at]!]! * nested.absmax[Math.floor(at / 2)]! + nested.offset);

  it("with doubly quantized scales", async () => {
    const { left, names } = await unpacked([stored("l.weight", "uint8", [bytes.length, 1], bytes), ...doubly]);
    expect(names).toEqual(["l.weight"]);
    const expected = codes.map((code, n) => Math.fround(nf4[code]! * scale(Math.floor(n / block))));
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it.each(["float32", "bfloat16"] as const)("kept in the bytes of %s", async (storage) => {
    const each = storage === "float32" ? 4 : 2;
    const padded = new Uint8Array(Math.ceil(bytes.length / each) * each);
    padded.set(bytes);
    const raw =
      each === 4
        ? new Float32Array(padded.buffer)
        : new Float32Array(Uint32Array.from(new Uint16Array(padded.buffer), (half) => half << 16).buffer);
    const weight = stored("l.weight", storage, [raw.length, 1], raw);
    // Typed arrays copy their bits; a list of numbers would lose those of a NaN.
    const kept = { ...weight, read: async (from: number, size: number) => raw.slice(from, from + size) };
    const { left } = await unpacked([kept, ...doubly]);
    const expected = codes.map((code, n) => Math.fround(nf4[code]! * scale(Math.floor(n / block))));
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it.each([
    ["no settings that can be read", () => [stored("l.weight.quant_state.bitsandbytes__nf4", "uint8", [2], [123, 34])]],
    ["too few bytes", () => [state({ shape: [rows, columns + 1] })]],
    ["too few scales", () => [state({ blocksize: 32 })]],
    ["a shape that can't be counted", () => [state({ shape: [2 ** 40, 2 ** 40] })]],
  ])("is left out with %s", async (_, made) => {
    const tensors = [
      stored("l.weight", "uint8", [bytes.length, 1], bytes),
      stored("l.weight.absmax", "float32", [blocks], absmax),
      map,
      ...made(),
    ];
    const { names, skipped } = await unpacked(tensors);
    expect(names).toEqual([]);
    expect(skipped.length).toBe(tensors.length);
  });
});

describe("MLX", () => {
  it.each([
    [2, 32],
    [3, 64],
    [4, 64],
    [5, 32],
    [6, 128],
    [8, 64],
  ])("of %i bits in groups of %i", async (bits, group) => {
    const [rows, columns] = [5, group * 2];
    const codes = draws(bits, rows * columns, 2 ** bits);
    const words = table(rows, (columns * bits) / 32, (row, word) => {
      let stream = 0n;
      for (let k = 0; k < columns; k++) stream |= BigInt(codes[row * columns + k]!) << BigInt(k * bits);
      return Number((stream >> BigInt(32 * word)) & 0xffffffffn);
    });
    const scales = draws(1, rows * 2, 20).map((value) => (value + 1) / 8);
    const biases = draws(2, rows * 2, 20).map((value) => value / -4);
    const tensors = [
      stored("l.weight", "uint32", [rows, words.length / rows], words),
      stored("l.scales", "bfloat16", [rows, 2], scales),
      stored("l.biases", "bfloat16", [rows, 2], biases),
    ];
    const { left, names } = await unpacked(tensors, { quantization: { bits, group_size: group } });
    expect(names).toEqual(["l.weight"]);
    const expected = codes.map((code, n) => {
      const at = Math.floor(n / group);
      return Math.fround(code * scales[at]! + biases[at]!);
    });
    expect(await numbersOf(left[0]!)).toEqual(expected);
    // A layer's own settings go before the model's.
    const own = { quantization: { bits: 7, group_size: 9, l: { bits, group_size: group } } };
    expect((await unpacked(tensors, own)).names).toEqual(["l.weight"]);
  });

  it("isn't guessed at where several widths fit", async () => {
    const { names, skipped } = await unpacked([
      stored("l.weight", "uint32", [4, 8], draws(1, 32, 99)),
      stored("l.scales", "float16", [4, 1], [1, 2, 3, 4]),
      stored("l.biases", "float16", [4, 1], [1, 2, 3, 4]),
    ]);
    expect(names).toEqual([]);
    expect(skipped[0]!.reason).toContain("4 bits in groups of 64");
  });
});
