/**
 * MLX's affine quantization: `weight` [out, in·bits/32] of uint32, codes one after another from the lowest bits on,
 * `scales` and `biases` [out, groups]; W = scale·code + bias. The shapes leave several widths open, most of the time, and
 * config.json says which (`quantization`: bits and group_size, for the model or for a layer).
 */
import { countOf, partReader } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { unpackCodes } from "./bits.js";
import { type QuantizationConfig, quantizationConfig } from "./quantization-config.js";
import { leaveOutPacked, present, shown, splitName } from "./siblings.js";

export const mlx: Rule = {
  name: "MLX",
  apply(bag, { config }) {
    const stated = quantizationConfig(config);
    for (const { name } of bag) if (splitName(name)[1] === "weight") unpack(bag, name, stated);
  },
};

/** Widths and group sizes that MLX has. */
const widths = [2, 3, 4, 5, 6, 8];
const groupSizes = [16, 32, 64, 128];

function unpack(bag: TensorBag, name: string, stated: QuantizationConfig | undefined): void {
  const weight = bag.get(name)!;
  const [module] = splitName(name);
  const [scales, biases] = [bag.get(`${module}scales`), bag.get(`${module}biases`)];
  if (weight.dataType !== "uint32" || weight.shape.length < 2 || scales === undefined) return;
  const names = [name, ...present(bag, [`${module}scales`, `${module}biases`]).map((part) => part.name)];
  const settings = stated?.part(module.slice(0, -1)) ?? stated;
  const found = measure(weight, scales, biases, settings);
  if (typeof found === "string") leaveOutPacked(bag, name, names.slice(1), found);
  else bag.replace(names, [dequantized(weight, scales, biases!, found)]);
}

interface Measures {
  readonly bits: number;
  readonly group: number;
}

function measure(
  weight: StoredTensor,
  scales: StoredTensor,
  biases: StoredTensor | undefined,
  stated: QuantizationConfig | undefined,
): Measures | string {
  const mode = stated?.text("mode") ?? "affine";
  if (mode !== "affine") return `MLX quantization in the mode "${mode}", which isn't read`;
  if (biases === undefined || !scales.floating || !biases.floating) {
    return "codes of uint32 with scales but no biases: not MLX's affine quantization, the only one of the kind that is read";
  }
  const leading = weight.shape.slice(0, -1);
  if (String(scales.shape) !== String(biases.shape) || String(scales.shape.slice(0, -1)) !== String(leading)) {
    return `MLX codes of ${shown(weight.shape)} words with scales ${shown(scales.shape)} and biases ${shown(biases.shape)}`;
  }
  const words = weight.shape.at(-1)!;
  const groups = scales.shape.at(-1)!;
  const fits = widths.flatMap((bits) =>
    groupSizes.filter((group) => groups * group * bits === words * 32).map((group) => ({ bits, group })),
  );
  const [bits, group] = [stated?.integer("bits"), stated?.integer("group_size")];
  if (bits !== undefined && group !== undefined) {
    const agrees = fits.find((each) => each.bits === bits && each.group === group);
    return (
      agrees ??
      `MLX codes of ${shown(weight.shape)} words in ${groups} groups aren't ${bits} bits in groups of ${group}, as config.json says`
    );
  }
  if (fits.length === 1) return fits[0]!;
  if (fits.length === 0) return `MLX codes of ${shown(weight.shape)} words in ${groups} groups fit no width`;
  const several = fits.map((each) => `${each.bits} bits in groups of ${each.group}`).join(", ");
  return `MLX codes that may be ${several}: put the model's config.json beside the file, which says`;
}

function dequantized(
  weight: StoredTensor,
  scales: StoredTensor,
  biases: StoredTensor,
  measures: Measures,
): StoredTensor {
  const { bits, group } = measures;
  const length = scales.shape.at(-1)! * group;
  return rowTensor({
    name: weight.name,
    shape: [...weight.shape.slice(0, -1), length],
    dataType: `int${bits} (MLX)`,
    note: `MLX: ${bits}-bit codes times a scale and plus a bias for each ${group} inputs`,
    parts: [weight, scales, biases],
    open: () => decoder(weight, scales, biases, measures),
  });
}

function decoder(
  weight: StoredTensor,
  scales: StoredTensor,
  biases: StoredTensor,
  { bits, group }: Measures,
): DecodeRows {
  const words = weight.shape.at(-1)!;
  const groups = countOf(scales) / (countOf(weight) / words);
  const length = groups * group;
  const [readCodes, readScales, readBiases] = [partReader(weight), partReader(scales), partReader(biases)];
  return async (from, to) => {
    const rows = to - from;
    const packed = await readCodes(from * words, rows * words);
    const factors = await readScales(from * groups, rows * groups);
    const offsets = await readBiases(from * groups, rows * groups);
    const result = new Float32Array(rows * length);
    // A row fills its words to the last bit, so that all rows are one stream of codes.
    const codes = unpackCodes(packed, 0, bits, result.length);
    for (let at = 0, block = 0; at < result.length; block++) {
      const factor = factors[block]!;
      const offset = offsets[block]!;
      for (const end = at + group; at < end; at++) result[at] = codes[at]! * factor + offset;
    }
    return result;
  };
}
