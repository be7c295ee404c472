import { describe, expect, it } from "vitest";
import { draws, numbersOf, stored, type TestType, table, unpacked } from "../../../test/support/stored-numbers.js";

/** Numbers that float8 holds. */
const eighths = (seed: number, count: number) => draws(seed, count, 31).map((value) => (value - 15) / 8);
const scaleOf = (seed: number, count: number) => draws(seed, count, 40).map((value) => (value + 1) / 16);

describe("float8 with scales for blocks", () => {
  it.each([
    { shape: [256, 256], scales: [2, 2], block: [128, 128] },
    { shape: [130, 300], scales: [2, 3], block: [128, 128] },
    { shape: [100, 70], scales: [4, 3], block: [32, 32] },
    { shape: [96, 40], scales: [96, 2], block: [1, 32] },
    { shape: [24, 60], scales: [2, 5], block: [16, 12] },
    { shape: [3, 130, 140], scales: [3, 2, 2], block: [1, 128, 128] },
    { shape: [3, 20, 16], scales: [3, 1, 16], block: [1, 20, 1] },
    { shape: [5, 16], scales: [5], block: [1, 16] },
  ])("of $block in $shape", async ({ shape, scales, block }) => {
    const [count, scaleCount] = [shape, scales].map((sizes) => sizes.reduce((a, b) => a * b, 1)) as [number, number];
    const codes = eighths(1, count);
    const factors = scaleOf(2, scaleCount);
    const { left, names, skipped } = await unpacked([
      stored("up.weight", "float8_e4m3fn", shape, codes),
      stored("up.weight_scale_inv", "float32", scales, factors),
    ]);
    expect(names).toEqual(["up.weight"]);
    expect(left[0]!.note).toContain("times its scales");
    expect(skipped).toEqual([]);
    const expected = codes.map((code, n) => {
      let rest = n;
      let at = 0;
      let step = 1;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const index = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
        if (axis >= scales.length) continue;
        at += Math.floor(index / block[axis]!) * step;
        step *= scales[axis]!;
      }
      return Math.fround(code * factors[at]!);
    });
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it("takes the length of a block from the configuration where that fits", async () => {
    const codes = eighths(1, 2 * 200);
    const tensors = [
      stored("w.weight", "float8_e4m3fn", [2, 200], codes),
      stored("w.weight_scale_inv", "float32", [2, 2], [1, 2, 3, 4]),
    ];
    const { left } = await unpacked(tensors, { quantization_config: { weight_block_size: [1, 150] } });
    expect(await numbersOf(left[0]!)).toEqual(
      codes.map((code, n) => code * (n < 150 ? 1 : n < 200 ? 2 : n < 350 ? 3 : 4)),
    );
  });

  it("is left out, scales and all, where blocks and shape don't fit", async () => {
    const { names, skipped } = await unpacked([
      stored("w.weight", "float8_e4m3fn", [10, 6], eighths(1, 60)),
      stored("w.weight_scale_inv", "float32", [3, 2], scaleOf(1, 6)),
    ]);
    expect(names).toEqual([]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("[3, 2] don't say which blocks of [10, 6]"),
      expect.stringContaining('belongs to "w.weight"'),
    ]);
  });
});

describe("other scales", () => {
  const cases: [string, TestType, readonly number[], string, number[]][] = [
    ["weight_scale for each channel", "float8_e4m3fn", [4, 1], "weight_scale", [1, 2, 3, 4]],
    ["weight_scale for the tensor", "float8_e5m2", [], "weight_scale", [0.5]],
    ["scale_weight", "float8_e4m3fn", [1], "scale_weight", [0.25]],
    [".scale in blocks", "float8_e4m3fn", [1, 2], "scale", [0.25, 3]],
    ["int8 with weight_scale", "int8", [4, 1], "weight_scale", [1, 2, 3, 4]],
  ];
  it.each(cases)("%s", async (_, type, shape, name, factors) => {
    const codes = draws(3, 4 * 32, 9).map((value) => value - 4);
    const { left, names, skipped } = await unpacked([
      stored("q.weight", type, [4, 32], codes),
      stored(`q.${name}`, "float32", shape, factors),
      stored("q.input_scale", "float32", [1, 1], [7]),
    ]);
    expect(names).toEqual(["q.weight"]);
    expect(skipped.map((each) => each.name)).toEqual(["q.input_scale"]);
    const factor = (n: number) =>
      factors.length === 4
        ? factors[Math.floor(n / 32)]!
        : factors.length === 2
          ? factors[Math.floor((n % 32) / 16)]!
          : factors[0]!;
    expect(await numbersOf(left[0]!)).toEqual(codes.map((code, n) => code * factor(n)));
  });

  it("subtracts zero points", async () => {
    const codes = draws(3, 4 * 8, 9).map((value) => value - 4);
    const { left } = await unpacked([
      stored("q.weight", "int8", [4, 8], codes),
      stored("q.weight_scale", "bfloat16", [4, 1], [1, 2, 3, 4]),
      stored("q.weight_zero_point", "int8", [4, 1], [0, 1, -1, 2]),
    ]);
    const zero = [0, 1, -1, 2];
    expect(await numbersOf(left[0]!)).toEqual(
      table(4, 8, (row, column) => (codes[row * 8 + column]! - zero[row]!) * (row + 1)),
    );
  });

  it("reads exponents as scales (microscaling)", async () => {
    const codes = eighths(1, 2 * 64);
    const { left } = await unpacked([
      stored("q.weight", "float8_e4m3fn", [2, 64], codes),
      stored("q.weight_scale", "uint8", [2, 2], [127, 128, 126, 130]),
    ]);
    const factors = [1, 2, 0.5, 8];
    expect(await numbersOf(left[0]!)).toEqual(codes.map((code, n) => code * factors[Math.floor(n / 32)]!));
  });

  it("leaves alone what merely is called a scale, and float8 without one", async () => {
    const tensors = [
      stored("scale.weight", "float32", [4, 8], draws(1, 32, 9)),
      stored("block.scale", "float32", [4, 8], draws(1, 32, 9)),
      stored("block.weight", "float32", [4, 8], draws(1, 32, 9)),
      stored("plain.weight", "float8_e4m3fn", [4, 8], eighths(1, 32)),
    ];
    const { left, skipped } = await unpacked(tensors);
    expect(left.map(({ name }) => name)).toEqual(tensors.map(({ name }) => name));
    expect(left.slice(0, 3)).toEqual(tensors.slice(0, 3));
    expect(left[3]!.note).toContain("no scale beside it");
    expect(await numbersOf(left[3]!)).toEqual(eighths(1, 32));
    expect(skipped).toEqual([]);
  });

  it("of a shard alone: neither a weight without its scales nor scales without their weight", async () => {
    const tensors = [
      stored("a.weight", "float8_e4m3fn", [4, 8], eighths(1, 32)),
      stored("b.weight_scale_inv", "float32", [2, 2], [1, 2, 3, 4]),
      stored("c.scales", "float16", [2, 4], scaleOf(1, 8)),
      stored("norm.weight", "float32", [4, 8], draws(1, 32, 9)),
    ];
    const { names, skipped } = await unpacked(tensors, { quantization_config: { quant_method: "fp8" } });
    expect(names).toEqual(["norm.weight"]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("its scales aren't in this file"),
      expect.stringContaining("scales of a weight that isn't in this file"),
      expect.stringContaining("scales of a weight that isn't in this file"),
    ]);
  });

  it("reads no more than the rows that are asked for", async () => {
    const weight = stored("w.weight", "float8_e4m3fn", [640, 256], eighths(1, 640 * 256));
    const scale = stored("w.weight_scale_inv", "float32", [5, 2], scaleOf(1, 10));
    const { left } = await unpacked([weight, scale]);
    await left[0]!.read(300 * 256, 10 * 256);
    expect(weight.reads).toEqual([[300 * 256, 10 * 256]]);
    expect(scale.reads).toEqual([[4, 2]]);
  });
});
