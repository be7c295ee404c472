/**
 * Hostile quantized weights: shapes, types, widths, settings and parts that don't fit each other. Every tensor must come out
 * once, as numbers of the shape that is claimed or left out with a reason; what can't be read is an EnergyError, and nothing
 * is larger than what lies in the file allows. `vitest run packed-fuzz --mode full` tries a hundred times as many.
 */
import { EnergyError } from "@comhe/core/layouts";
import { expect, it } from "vitest";
import type { StoredTensor } from "../src/tensors/stored-tensor.js";
import { draws, stored, type TestType, unpacked } from "./support/stored-numbers.js";

type Part = readonly [name: string, type: TestType, shape: readonly number[]];

const state = (shape: readonly number[], block: number) =>
  JSON.stringify({ quant_type: "nf4", blocksize: block, shape, nested_blocksize: 2, nested_offset: 0.5 });

/** Sound modules of every packing that is read. */
const modules: readonly (readonly Part[])[] = [
  [
    ["qweight", "int32", [8, 32]],
    ["qzeros", "int32", [2, 4]],
    ["scales", "float16", [2, 32]],
    ["g_idx", "int32", [64]],
  ],
  [
    ["qweight", "int32", [6, 32]],
    ["qzeros", "int32", [2, 3]],
    ["scales", "float16", [2, 32]],
    ["g_idx", "int32", [64]],
  ],
  [
    ["qweight", "int32", [16, 4]],
    ["qzeros", "int32", [2, 4]],
    ["scales", "float16", [2, 32]],
  ],
  [
    ["qweight", "int32", [6, 8]],
    ["qzeros", "int32", [6, 2]],
    ["scales", "float16", [6, 16]],
  ],
  [
    ["weight", "int8", [6, 9]],
    ["SCB", "float32", [6]],
    ["weight_format", "uint8", []],
  ],
  [
    ["weight", "uint8", [60, 1]],
    ["weight.absmax", "uint8", [2]],
    ["weight.quant_map", "float32", [16]],
    ["weight.nested_absmax", "float32", [1]],
    ["weight.nested_quant_map", "float32", [256]],
    ["weight.quant_state.bitsandbytes__nf4", "uint8", [state([10, 12], 64).length]],
  ],
  [
    ["weight", "uint32", [4, 8]],
    ["scales", "float16", [4, 1]],
    ["biases", "float16", [4, 1]],
  ],
  [
    ["weight_packed", "int32", [8, 4]],
    ["weight_shape", "int64", [2]],
    ["weight_scale", "float16", [8, 2]],
    ["weight_zero_point", "int32", [1, 2]],
  ],
  [
    ["weight", "uint8", [4, 16]],
    ["weight_scale", "float8_e4m3fn", [4, 2]],
    ["weight_scale_2", "float32", [1]],
  ],
  [
    ["up_blocks", "uint8", [2, 3, 2, 16]],
    ["up_scales", "uint8", [2, 3, 2]],
  ],
  [
    ["weight", "float8_e4m3fn", [40, 50]],
    ["weight_scale_inv", "float32", [2, 2]],
    ["input_scale", "float32", [1]],
  ],
  [
    ["weight", "int8", [10, 12]],
    ["weight_scale", "float32", [10, 1]],
    ["weight_zero_point", "int8", [10, 1]],
  ],
];

const types: readonly TestType[] = ["float16", "float32", "float8_e4m3fn", "int8", "uint8", "int16", "int32", "uint32"];
const sizes = [0, 1, 2, 3, 5, 7, 8, 16, 31, 33, 64, 100];
const integers = [-1, 0, 1, 2, 3, 4, 5, 8, 16, 31, 32, 64, 128, 2 ** 31, 2 ** 53];

interface Chooser {
  of<T>(values: readonly T[]): T;
  below(count: number): number;
}

function chooser(seed: number): Chooser {
  const numbers = draws(seed + 1, 4096, 1 << 30);
  let at = 0;
  const below = (count: number) => numbers[at++ % numbers.length]! % count;
  return { below, of: (values) => values[below(values.length)]! };
}

function hostileShape(shape: readonly number[], choose: Chooser): readonly number[] {
  const changed = [...shape];
  switch (choose.below(5)) {
    case 0:
      changed[choose.below(changed.length + 1)] = choose.of(sizes);
      return changed;
    case 1:
      return changed.slice(1);
    case 2:
      return [...changed, choose.of(sizes)].slice(0, 4);
    case 3:
      return changed.reverse();
    default:
      return changed.map((size) => (choose.below(2) ? size : choose.of(sizes)));
  }
}

function hostileModule(parts: readonly Part[], choose: Chooser): StoredTensor[] {
  const hits = choose.below(4);
  const hit = new Set(Array.from({ length: hits }, () => choose.below(parts.length)));
  return parts.flatMap(([name, type, shape], n) => {
    const broken = hit.has(n);
    if (broken && choose.below(4) === 0) return [];
    const kept = broken && choose.below(2) ? choose.of(types) : type;
    const size = broken ? hostileShape(shape, choose) : shape;
    const count = size.reduce((a, b) => a * b, 1);
    if (count > 1 << 16) return [];
    const numbers = numbersFor(name, kept, count, choose);
    return [stored(`m.${name}`, kept, size, numbers)];
  });
}

function numbersFor(name: string, type: TestType, count: number, choose: Chooser): number[] {
  if (name.includes("quant_state")) {
    const text = state([choose.of(integers), choose.of([12, 12, ...integers])], choose.of(integers));
    const sound = state([10, 12], 64);
    const bytes = Array.from(new TextEncoder().encode(choose.below(2) ? sound : text));
    return Array.from({ length: count }, (_, n) => bytes[n] ?? 32);
  }
  if (name === "weight_shape")
    return [8, 32, 1].slice(0, count).concat(new Array(Math.max(0, count - 3)).fill(choose.of(integers)));
  if (name === "g_idx") return draws(choose.below(99), count, choose.of([2, 2, 3, 99]));
  if (name === "weight_format") return new Array(count).fill(choose.of([0, 0, 1, 9]));
  // An exponent of 255 is NaN by definition.
  return draws(choose.below(99), count, type === "int8" ? 128 : 255);
}

function hostileConfig(choose: Chooser): Readonly<Record<string, unknown>> | undefined {
  if (choose.below(2)) return undefined;
  const value = () => choose.of<unknown>([...integers, "4", null, [128, 128], {}, 1.5]);
  const settings = {
    quant_method: choose.of(["gptq", "awq", "fp8", "compressed-tensors", "", 4]),
    bits: value(),
    group_size: value(),
    version: choose.of(["gemm", "gemv", "marlin", undefined]),
    weight_block_size: value(),
    checkpoint_format: choose.of(["gptq", "gptq_v2", "marlin", undefined]),
    config_groups: choose.of<unknown>([undefined, 3, { a: { weights: { num_bits: value(), group_size: value() } } }]),
  };
  return choose.of([{ quantization_config: settings }, { quantization: settings }, { quantization_config: value() }]);
}

/** Vitest passes its mode on. */
const rounds = process.env.MODE === "full" ? 30_000 : 1_000;

it(`${rounds} hostile modules are read or left out`, async () => {
  const outcomes = { read: 0, refused: 0, leftOut: 0 };
  for (let seed = 0; seed < rounds; seed++) {
    const choose = chooser(seed);
    const tensors = hostileModule(modules[seed % modules.length]!, choose);
    const bytes = tensors.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
    const { left, skipped } = await unpacked(tensors, hostileConfig(choose));
    outcomes.leftOut += skipped.length;
    for (const { reason } of skipped) expect(reason.length).toBeGreaterThan(10);
    for (const tensor of left.filter((each) => !tensors.includes(each))) {
      const count = tensor.shape.reduce((a, b) => a * b, 1);
      // 32 codes of one bit in a word are the most.
      expect(count, `seed ${seed}`).toBeLessThanOrEqual(bytes * 32);
      const from = choose.below(count + 1);
      const wanted = choose.below(count - from + 1);
      try {
        const numbers = await tensor.read(from, wanted);
        expect(numbers.length, `seed ${seed}`).toBe(wanted);
        expect(numbers.some(Number.isNaN), `seed ${seed}: NaN out of ${tensors.map((each) => each.name)}`).toBe(false);
        outcomes.read++;
      } catch (error) {
        if (!EnergyError.isInstance(error)) throw new Error(`seed ${seed}`, { cause: error });
        outcomes.refused++;
      }
    }
  }
  // Each way out is taken, or the files above aren't what they are meant to be.
  for (const [way, count] of Object.entries(outcomes)) expect(count, way).toBeGreaterThan(rounds / 100);
});
