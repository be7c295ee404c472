import { describe, expect, it } from "vitest";
import { draws, numbersOf, stored, table, unpacked } from "../../../test/support/stored-numbers.js";

const float4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6];

const pairs = (codes: readonly number[]) =>
  Array.from({ length: codes.length / 2 }, (_, n) => codes[2 * n]! | (codes[2 * n + 1]! << 4));

/** Zero has a sign there, which isn't looked at. */
const unsigned = (numbers: readonly number[]) => numbers.map((value) => value + 0);

describe("float4", () => {
  const [rows, columns] = [3, 64];
  const codes = draws(1, rows * columns, 16);
  const scales = draws(2, rows * 4, 20).map((value) => (value + 1) / 8);

  it.each([
    ["ModelOpt's NVFP4", "weight", "weight_scale_2", 0.25],
    ["compressed-tensors' NVFP4", "weight_packed", "weight_global_scale", 4],
  ])("as %s", async (_, own, global, value) => {
    const { left, names, skipped } = await unpacked([
      stored(`l.${own}`, "uint8", [rows, columns / 2], pairs(codes)),
      stored("l.weight_scale", "float8_e4m3fn", [rows, columns / 16], scales),
      stored(`l.${global}`, "float32", [1], [value]),
      stored("l.input_scale", "float32", [1, 1], [1]),
    ]);
    expect(names).toEqual(["l.weight"]);
    expect(skipped.map(({ name }) => name)).toEqual(["l.input_scale"]);
    expect(left[0]!.shape).toEqual([rows, columns]);
    const expected = codes.map((code, n) => float4[code]! * scales[Math.floor(n / 16)]! * 0.25);
    expect(unsigned(await numbersOf(left[0]!))).toEqual(unsigned(expected));
  });

  it("as MXFP4 in one matrix, and in gpt-oss' stack of experts", async () => {
    const exponents = draws(3, rows * 2, 6).map((value) => 124 + value);
    const expected = codes.map((code, n) => float4[code]! * 2 ** (exponents[Math.floor(n / 32)]! - 127));
    const { left, names } = await unpacked([
      stored("l.weight_packed", "uint8", [rows, columns / 2], pairs(codes)),
      stored("l.weight_scale", "uint8", [rows, 2], exponents),
      stored("experts.up_blocks", "uint8", [1, rows, 2, 16], pairs(codes)),
      stored("experts.up_scales", "uint8", [1, rows, 2], exponents),
    ]);
    expect(names).toEqual(["l.weight", "experts.up"]);
    expect(left[1]!.shape).toEqual([1, rows, columns]);
    for (const tensor of left) expect(unsigned(await numbersOf(tensor))).toEqual(unsigned(expected));
  });

  it("is left out where scales and bytes don't fit", async () => {
    const { names, skipped } = await unpacked([
      stored("l.weight", "uint8", [2, 16], draws(1, 32, 256)),
      stored("l.weight_scale", "float8_e4m3fn", [2, 3], [1, 2, 3, 4, 5, 6]),
      stored("e.up_blocks", "uint8", [2, 2, 16], draws(1, 64, 256)),
      stored("e.up_scales", "uint8", [2, 3], [1, 2, 3, 4, 5, 6]),
    ]);
    expect(names).toEqual([]);
    expect(skipped.length).toBe(4);
  });
});

describe("compressed-tensors' packed integers", () => {
  const pack = (codes: readonly number[], rows: number, columns: number, bits: number) =>
    table(rows, Math.ceil((columns * bits) / 32), (row, word) => {
      let stream = 0n;
      for (let k = 0; k < columns; k++) stream |= BigInt(codes[row * columns + k]!) << BigInt(k * bits);
      return Number(BigInt.asIntN(32, (stream >> BigInt(32 * word)) & 0xffffffffn));
    });

  it.each([
    { bits: 4, columns: 36, groups: 3, config: undefined },
    { bits: 8, columns: 36, groups: 1, config: undefined },
    { bits: 3, columns: 64, groups: 2, config: 3 },
  ])("of $bits bits with packed zero points", async ({ bits, columns, groups, config }) => {
    const rows = 10;
    const codes = draws(1, rows * columns, 2 ** bits);
    const zeros = draws(2, rows * groups, 2 ** bits);
    const scales = draws(3, rows * groups, 20).map((value) => (value + 1) / 8);
    // Zero points are packed along the outputs.
    const turned = pack(
      table(groups, rows, (group, row) => zeros[row * groups + group]!),
      groups,
      rows,
      bits,
    );
    const words = turned.length / groups;
    const { left, names } = await unpacked(
      [
        stored("l.weight_packed", "int32", [rows, Math.ceil((columns * bits) / 32)], pack(codes, rows, columns, bits)),
        stored("l.weight_shape", "int64", [2], [rows, columns]),
        stored("l.weight_scale", "bfloat16", [rows, groups], scales),
        stored(
          "l.weight_zero_point",
          "int32",
          [words, groups],
          table(words, groups, (w, g) => turned[g * words + w]!),
        ),
      ],
      config === undefined
        ? undefined
        : { quantization_config: { config_groups: { group_0: { weights: { num_bits: config } } } } },
    );
    expect(names).toEqual(["l.weight"]);
    const expected = codes.map((code, n) => {
      const at = Math.floor(n / columns) * groups + Math.floor((n % columns) / (columns / groups));
      return (code - zeros[at]!) * scales[at]!;
    });
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it("symmetric, with inputs in any order of groups", async () => {
    const [rows, columns] = [4, 32];
    const codes = draws(1, rows * columns, 16);
    const order = draws(5, columns, 2);
    const { left } = await unpacked([
      stored("weight_packed", "int32", [rows, 4], pack(codes, rows, columns, 4)),
      stored("weight_shape", "int64", [2], [rows, columns]),
      stored("weight_scale", "float16", [rows, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
      stored("weight_g_idx", "int32", [columns], order),
    ]);
    const expected = codes.map((code, n) => (code - 8) * (1 + Math.floor(n / columns) * 2 + order[n % columns]!));
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it("is left out where the parts don't fit", async () => {
    const { names, skipped } = await unpacked([
      stored("a.weight_packed", "int32", [4, 4], draws(1, 16, 99)),
      stored("a.weight_shape", "int64", [2], [4, 2 ** 50]),
      stored("a.weight_scale", "float16", [4, 1], [1, 2, 3, 4]),
      stored("b.weight_packed", "int32", [4, 4], draws(1, 16, 99)),
      stored("b.weight_shape", "int64", [2], [4, 32]),
      stored("b.weight_scale", "float16", [4, 3], draws(1, 12, 9)),
    ]);
    expect(names).toEqual([]);
    expect(skipped.length).toBe(6);
  });
});

describe("packings that aren't read", () => {
  it.each([
    [
      "EXL2",
      ["q_weight int32 4,8", "q_scale int32 2,1", "q_scale_max float16 2", "q_invperm int16 32", "q_groups int16 4"],
    ],
    ["AQLM", ["codes int16 4,2,1", "codebooks float16 1,2,1,2", "scales float16 4,1,1,1"]],
    ["HQQ", ["W_q uint8 4,8", "scale float16 4,1", "zero float16 4,1"]],
    ["Marlin", ["B int32 2,8", "s float16 2,4"]],
    ["quanto", ["weight._data uint8 4,2", "weight._scale float16 4,1", "weight._shift float16 4,1"]],
    ["codes beside", ["weight uint8 4,8", "weight_scale float16 1,2", "weight_zeros float32 1,2"]],
    ["neither GPTQ's nor AWQ's", ["qweight int16 4,8", "scales float16 2,4", "qzeros int16 2,4"]],
  ])("%s: every tensor of it is left out, with the reason", async (reason, parts) => {
    const tensors = parts.map((part) => {
      const [name, type, sizes] = part.split(" ") as [string, "int32", string];
      const shape = sizes.split(",").map(Number);
      return stored(
        `l.0.${name}`,
        type,
        shape,
        draws(
          1,
          shape.reduce((a, b) => a * b, 1),
          16,
        ),
      );
    });
    const other = stored("l.1.weight", "float32", [2, 2], [1, 2, 3, 4]);
    const { names, skipped } = await unpacked([...tensors, other]);
    expect(names).toEqual(["l.1.weight"]);
    expect(skipped.length).toBe(tensors.length);
    if (!reason.startsWith("neither")) expect(skipped[0]!.reason).toContain(reason);
  });

  it("aren't seen in integers and scales of other kinds", async () => {
    const tensors = [
      stored("embeddings.position_ids", "int64", [1, 4], [0, 1, 2, 3]),
      stored("attn.relative_position_index", "int64", [4, 4], draws(1, 16, 9)),
      stored("attn.logit_scale", "float32", [3, 1, 1], [1, 2, 3]),
      stored("bn.weight", "float32", [3, 4], draws(1, 12, 9)),
      stored("bn.scale", "float32", [3, 4], draws(1, 12, 9)),
      stored("ids.weight", "int32", [3, 4], draws(1, 12, 9)),
    ];
    const { left, skipped } = await unpacked(tensors);
    expect(left).toEqual(tensors);
    expect(skipped).toEqual([]);
  });
});
