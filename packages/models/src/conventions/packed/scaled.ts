/**
 * Codes of eight bits that are numbers once they are multiplied by a scale: float8 with scales for blocks of 128×128
 * (`weight_scale_inv`: DeepSeek-V3, arXiv 2412.19437, section 3.3), for channels or for the tensor (`weight_scale`:
 * compressed-tensors, ModelOpt, FBGEMM; `scale_weight`: ComfyUI; `scale`), microscaling float8 with exponents for scales,
 * and int8 of the same makes. All of these scales multiply, `weight_scale_inv` too: it is the inverse of what was
 * multiplied with when the weight was packed.
 */
import { countOf, partReader } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import { exponentScale } from "../../tensors/small-floats.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { type Blocks, blocksOf, shownBlocks } from "./block-scales.js";
import { type QuantizationConfig, quantizationConfig } from "./quantization-config.js";
import { leaveOutActivations, leaveOutPacked, present, shown, splitName } from "./siblings.js";

export const scaled: Rule = {
  name: "scaled codes of eight bits",
  apply(bag, { config }) {
    const settings = quantizationConfig(config);
    const stated = statedBlocks(settings);
    for (const weight of bag) {
      if (bag.get(weight.name) === weight && /^(?:float8|int8$)/.test(weight.dataType)) unpack(bag, weight, stated);
    }
    for (const weight of bag) withoutScales(bag, weight, settings !== undefined);
  },
};

function unpack(bag: TensorBag, weight: StoredTensor, stated: readonly number[] | undefined): void {
  if (/e8m0/.test(weight.dataType) || weight.shape.length < 2) return;
  const [module, own] = splitName(weight.name);
  const scaleNames = [`${weight.name}_scale_inv`, `${weight.name}_scale`, `${weight.name}.scale`];
  if (own === "weight") scaleNames.push(`${module}scale_weight`, `${module}scale`, `${module}scales`);
  if (own === "_data") scaleNames.push(`${module}_scale`);
  const scales = present(bag, scaleNames);
  if (scales.length === 0) return;
  const [zeros] = present(bag, [`${weight.name}_zero_point`]);
  const parts = [weight, ...scales, ...(zeros ? [zeros] : [])];
  const names = parts.map(({ name }) => name);
  const refuse = (why: string) => leaveOutPacked(bag, weight.name, names.slice(1), why);
  const [scale] = scales;
  const blocks = blocksOf(weight.shape, scale!.shape, stated);
  if (scales.length > 1) refuse(`it has several scales: ${names.slice(1).join(", ")}`);
  else if (!scale!.floating && !isExponent(scale!)) refuse(`its scales are ${scale!.dataType} numbers`);
  else if (blocks === undefined) {
    refuse(
      `its scales of shape ${shown(scale!.shape)} don't say which blocks of ${shown(weight.shape)} they belong to`,
    );
  } else if (zeros !== undefined && countOf(zeros) !== 1 && String(zeros.shape) !== String(scale!.shape)) {
    refuse(`it has scales of shape ${shown(scale!.shape)} and zero points of shape ${shown(zeros.shape)}`);
  } else {
    const note = `${weight.dataType} times its scales, ${shownBlocks(blocks)}`;
    const dense = rowTensor({
      name: own === "_data" && bag.get(module.slice(0, -1)) === undefined ? module.slice(0, -1) : weight.name,
      shape: weight.shape,
      dataType: `${weight.dataType} (scaled)`,
      note,
      parts,
      open: () => decoder(weight, scale!, zeros, blocks),
    });
    bag.replace(names, [dense]);
  }
  leaveOutActivations(bag, module);
}

/** Float8 that nothing scales is what it says, unless the model says that it is quantized: then its scales are elsewhere. */
function withoutScales(bag: TensorBag, weight: StoredTensor, quantized: boolean): void {
  if (!/^float8_e[45]m\w+$/.test(weight.dataType) || weight.shape.length < 2) return;
  if (/_scale(?:_inv)?$/.test(weight.name)) return;
  if (quantized) {
    bag.leaveOut(weight.name, "its scales aren't in this file; open the model by its index, with all of its shards");
  } else
    bag.replace([weight.name], [{ ...weight, note: `${weight.dataType} with no scale beside it, taken as it is` }]);
}

const isExponent = ({ dataType }: StoredTensor) => dataType === "uint8";

/** `weight_block_size` of transformers; `block_structure` or `group_size` of compressed-tensors. */
function statedBlocks(config: QuantizationConfig | undefined): readonly number[] | undefined {
  const own = config?.integers("weight_block_size");
  if (own !== undefined || config === undefined) return own;
  const groups = config.part("config_groups");
  for (const key of groups?.keys ?? []) {
    const weights = groups!.part(key)?.part("weights");
    const structure = weights?.integers("block_structure");
    if (structure !== undefined) return structure;
    const size = weights?.integer("group_size");
    if (size !== undefined && size > 0) return [size];
  }
  return undefined;
}

/** Decodes rows of the weight flattened to [rows, last axis]; all scales of a stretch of rows are read at once. */
function decoder(
  weight: StoredTensor,
  scale: StoredTensor,
  zeros: StoredTensor | undefined,
  { sizes, counts }: Blocks,
): DecodeRows {
  const { shape } = weight;
  const length = shape.at(-1)!;
  const across = counts.at(-1)!;
  const size = sizes.at(-1)!;
  const readCodes = partReader(weight);
  const readScales = partReader(scale);
  const readZeros = zeros && partReader(zeros);
  const singleZero = zeros !== undefined && countOf(zeros) === 1;
  const exponents = isExponent(scale);
  return async (from, to) => {
    const codes = await readCodes(from * length, (to - from) * length);
    const scaleRows = Array.from({ length: to - from }, (_, n) => scaleRow(from + n, shape, sizes, counts));
    const first = scaleRows.reduce((least, row) => Math.min(least, row), Number.POSITIVE_INFINITY);
    const taken = scaleRows.reduce((most, row) => Math.max(most, row), 0) + 1 - first;
    const stored = await readScales(first * across, taken * across);
    const factors = exponents ? Float64Array.from(stored, exponentScale) : stored;
    const offsets = singleZero ? await readZeros!(0, 1) : await readZeros?.(first * across, taken * across);
    const result = new Float32Array(codes.length);
    for (const [n, row] of scaleRows.entries()) {
      const at = (row - first) * across;
      const begin = n * length;
      for (let block = 0, column = 0; column < length; block++) {
        const factor = factors[at + block]!;
        const offset = offsets === undefined ? 0 : offsets[singleZero ? 0 : at + block]!;
        const end = Math.min(length, column + size);
        for (; column < end; column++) result[begin + column] = (codes[begin + column]! - offset) * factor;
      }
    }
    return result;
  };
}

/** The row of scales for a row of the weight, both flattened. */
function scaleRow(row: number, shape: readonly number[], sizes: readonly number[], counts: readonly number[]): number {
  let rest = row;
  let result = 0;
  let step = 1;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const index = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    result += Math.floor(index / sizes[axis]!) * step;
    step *= counts[axis]!;
  }
  return result;
}
