import { describe, expect, it } from "vitest";
import { draws, numbersOf, stored, table, unpacked } from "../../../test/support/stored-numbers.js";

/** Codes [in, out] packed along the inputs, as AutoGPTQ packs them: word by word, a code that doesn't fit begins the next word with its upper bits. */
function packInputs(codes: readonly number[], inputs: number, outputs: number, bits: number): number[] {
  const words = new Array<bigint>(((inputs * bits) / 32) * outputs).fill(0n);
  for (let n = 0; n < outputs; n++) {
    let stream = 0n;
    for (let k = 0; k < inputs; k++) stream |= BigInt(codes[k * outputs + n]!) << BigInt(k * bits);
    for (let w = 0; w < words.length / outputs; w++) words[w * outputs + n] = (stream >> BigInt(32 * w)) & 0xffffffffn;
  }
  return words.map((word) => Number(BigInt.asIntN(32, word)));
}

const packOutputs = (codes: readonly number[], rows: number, outputs: number, bits: number): number[] =>
  table(rows, (outputs * bits) / 32, (row, word) => {
    let stream = 0n;
    for (let n = 0; n < outputs; n++) stream |= BigInt(codes[row * outputs + n]!) << BigInt(n * bits);
    return Number(BigInt.asIntN(32, (stream >> BigInt(32 * word)) & 0xffffffffn));
  });

interface Made {
  readonly bits: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly groupOf?: readonly number[];
  readonly zeroOffset?: number;
}

function make({ bits, inputs, outputs, groups, groupOf, zeroOffset = 1 }: Made) {
  const q = draws(1, inputs * outputs, 2 ** bits);
  const z = draws(2, groups * outputs, 2 ** bits - 1);
  const s = draws(3, groups * outputs, 50).map((value) => (value + 1) / 64);
  const group = (k: number) => groupOf?.[k] ?? Math.floor(k / (inputs / groups));
  const tensors = [
    stored("m.o_proj.qweight", "int32", [(inputs * bits) / 32, outputs], packInputs(q, inputs, outputs, bits)),
    stored("m.o_proj.qzeros", "int32", [groups, (outputs * bits) / 32], packOutputs(z, groups, outputs, bits)),
    stored("m.o_proj.scales", "float16", [groups, outputs], s),
    ...(groupOf ? [stored("m.o_proj.g_idx", "int32", [inputs], groupOf)] : []),
  ];
  const expected = table(outputs, inputs, (n, k) => {
    const at = group(k) * outputs + n;
    return s[at]! * (q[k * outputs + n]! - (z[at]! + zeroOffset));
  });
  return { tensors, expected };
}

describe("GPTQ", () => {
  const order = draws(9, 96, 1000).map((_, k) => (k * 7) % 3);
  it.each([
    { bits: 2, inputs: 64, outputs: 32, groups: 4 },
    { bits: 3, inputs: 96, outputs: 64, groups: 3 },
    { bits: 4, inputs: 64, outputs: 24, groups: 2 },
    { bits: 4, inputs: 96, outputs: 16, groups: 3, groupOf: order },
    { bits: 8, inputs: 96, outputs: 12, groups: 3, groupOf: order },
    { bits: 8, inputs: 32, outputs: 40, groups: 1 },
  ])("of $bits bits, $inputs inputs in $groups groups", async (made) => {
    const { tensors, expected } = make(made);
    const { left, names, skipped } = await unpacked(tensors);
    expect(names).toEqual(["m.o_proj.weight"]);
    expect(skipped).toEqual([]);
    expect(left[0]!.shape).toEqual([made.outputs, made.inputs]);
    expect(await numbersOf(left[0]!)).toEqual(expected.map(Math.fround));
  });

  it("stores the zeros themselves in its second format", async () => {
    const { tensors, expected } = make({ bits: 4, inputs: 64, outputs: 16, groups: 2, zeroOffset: 0 });
    const config = { quantization_config: { quant_method: "gptq", bits: 4, checkpoint_format: "gptq_v2" } };
    const { left } = await unpacked(tensors, config);
    expect(await numbersOf(left[0]!)).toEqual(expected.map(Math.fround));
  });

  it("takes the group size from the configuration where the last group is shorter", async () => {
    const groupOf = Array.from({ length: 96 }, (_, k) => Math.floor(k / 64));
    const { tensors, expected } = make({ bits: 4, inputs: 96, outputs: 8, groups: 2, groupOf });
    const bare = tensors.filter(({ name }) => !name.endsWith("g_idx"));
    const { left } = await unpacked(bare, { quantization_config: { bits: 4, group_size: 64 } });
    expect(await numbersOf(left[0]!)).toEqual(expected.map(Math.fround));
  });

  it.each([
    ["another width than the configuration says", { bits: 8 }],
    ["a format that isn't read", { bits: 4, checkpoint_format: "marlin" }],
  ])("is left out, scales and all, with %s", async (_, quantization_config) => {
    const { tensors } = make({ bits: 4, inputs: 64, outputs: 16, groups: 2 });
    const { names, skipped } = await unpacked(tensors, { quantization_config });
    expect(names).toEqual([]);
    expect(skipped.map(({ name }) => name).sort()).toEqual(tensors.map(({ name }) => name).sort());
  });

  it("refuses a group that isn't there when it is read", async () => {
    const groupOf = new Array(64).fill(0);
    groupOf[5] = 7;
    const { tensors } = make({ bits: 4, inputs: 64, outputs: 16, groups: 2, groupOf: new Array(64).fill(1) });
    const broken = tensors.map((each) =>
      each.name.endsWith("g_idx") ? stored(each.name, "int32", [64], groupOf) : each,
    );
    const { left } = await unpacked(broken);
    await expect(left[0]!.read(0, 1)).rejects.toThrow("input 5 is of group 7");
  });

  it("keeps its own name where the other is taken", async () => {
    const { tensors } = make({ bits: 4, inputs: 64, outputs: 16, groups: 2 });
    const other = stored("m.o_proj.weight", "float32", [2, 2], [1, 2, 3, 4]);
    expect((await unpacked([...tensors, other])).names).toEqual(["m.o_proj.weight", "m.o_proj.qweight"]);
  });
});

describe("AWQ", () => {
  const order = [0, 2, 4, 6, 1, 3, 5, 7];
  const packed = (codes: readonly number[], rows: number, columns: number, places: readonly number[]) =>
    table(rows, columns / 8, (row, word) =>
      places.reduce((bits, column, n) => bits | (codes[row * columns + word * 8 + column]! << (4 * n)), 0),
    );

  it("in gemm's order of outputs", async () => {
    const [inputs, outputs, groups] = [96, 40, 3];
    const q = draws(4, inputs * outputs, 16);
    const z = draws(5, groups * outputs, 16);
    const s = draws(6, groups * outputs, 30).map((value) => (value + 1) / 32);
    const { left, names } = await unpacked([
      stored("o_proj.qweight", "int32", [inputs, outputs / 8], packed(q, inputs, outputs, order)),
      stored("o_proj.qzeros", "int32", [groups, outputs / 8], packed(z, groups, outputs, order)),
      stored("o_proj.scales", "float16", [groups, outputs], s),
    ]);
    expect(names).toEqual(["o_proj.weight"]);
    const expected = table(outputs, inputs, (n, k) => {
      const at = Math.floor(k / 32) * outputs + n;
      return s[at]! * (q[k * outputs + n]! - z[at]!);
    });
    expect(await numbersOf(left[0]!)).toEqual(expected);
  });

  it("in gemv's rows of outputs, whose scales are padded", async () => {
    const [inputs, outputs, size, width] = [64, 12, 32, 16];
    const q = draws(4, outputs * inputs, 16);
    const z = draws(5, outputs * width, 16);
    const s = draws(6, outputs * width, 30).map((value) => (value + 1) / 32);
    const plain = [0, 1, 2, 3, 4, 5, 6, 7];
    const tensors = [
      stored("qweight", "int32", [outputs, inputs / 8], packed(q, outputs, inputs, plain)),
      stored("qzeros", "int32", [outputs, width / 8], packed(z, outputs, width, plain)),
      stored("scales", "float16", [outputs, width], s),
    ];
    const quantization_config = { quant_method: "awq", bits: 4, group_size: size, version: "gemv" };
    const { left } = await unpacked(tensors, { quantization_config });
    const expected = table(outputs, inputs, (n, k) => {
      const at = n * width + Math.floor(k / size);
      return s[at]! * (q[n * inputs + k]! - z[at]!);
    });
    expect(await numbersOf(left[0]!)).toEqual(expected);
    // Without the configuration, the groups can't be counted.
    const alone = await unpacked(tensors);
    expect(alone.names).toEqual([]);
    expect(alone.skipped[0]!.reason).toContain("config.json");
  });
});
