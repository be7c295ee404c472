/**
 * compressed-tensors' "pack-quantized" (llm-compressor, vLLM): `weight_packed` [out, words] of int32, `weight_shape`
 * [out, in], `weight_scale` [out, groups], and where it isn't symmetric `weight_zero_point`, packed along the outputs
 * [out·bits/32, groups], or plain int8. Codes are stored plus 2^(bits − 1). A word holds ⌊32/bits⌋ of them, or, since
 * version 0.15 or so, they follow one another without a gap: the same for widths that divide 32.
 */
import { countOf, partReader, readAll } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { isWords, unpackCodes, wordsFor } from "./bits.js";
import { lengthOfGroups, readGroups } from "./input-groups.js";
import { type QuantizationConfig, quantizationConfig } from "./quantization-config.js";
import { leaveOutActivations, leaveOutPacked, present, shown, splitName, unpackedName } from "./siblings.js";

export const compressedTensors: Rule = {
  name: "compressed-tensors",
  async apply(bag, { config }) {
    const stated = weightSettings(quantizationConfig(config));
    for (const { name } of bag) {
      if (name.endsWith("_packed")) await unpack(bag, name, stated);
    }
  },
};

/** The settings of the weights, where all layers share them. */
function weightSettings(config: QuantizationConfig | undefined): QuantizationConfig | undefined {
  const groups = config?.part("config_groups");
  const all = (groups?.keys ?? []).map((key) => groups!.part(key)?.part("weights"));
  return all.length === 1 ? all[0] : undefined;
}

interface Parts {
  readonly packed: StoredTensor;
  readonly scale: StoredTensor;
  readonly zeros: StoredTensor | undefined;
  readonly groupOf: StoredTensor | undefined;
}

async function unpack(bag: TensorBag, name: string, stated: QuantizationConfig | undefined): Promise<void> {
  const packed = bag.get(name)!;
  if (!isWords(packed)) return;
  const base = name.slice(0, -"_packed".length);
  const [shape, scale] = [bag.get(`${base}_shape`), bag.get(`${base}_scale`)];
  if (shape === undefined || scale === undefined) return;
  const parts = { packed, scale, zeros: bag.get(`${base}_zero_point`), groupOf: bag.get(`${base}_g_idx`) };
  const others = present(
    bag,
    ["_shape", "_scale", "_zero_point", "_g_idx"].map((end) => base + end),
  );
  const names = [name, ...others.map((part) => part.name)];
  const found = measure(parts, countOf(shape) <= 8 ? Array.from(await readAll(shape)) : [], stated);
  if (typeof found === "string") leaveOutPacked(bag, name, names.slice(1), found);
  else {
    const own = splitName(base)[1] === "weight" ? unpackedName(bag, name, names) : bag.get(base) ? name : base;
    bag.replace(names, [dequantized(own, parts, found)]);
  }
  leaveOutActivations(bag, splitName(name)[0]);
}

interface Measures {
  readonly bits: number;
  /** Bits from one code to the next word's first: dense streams have no gap. */
  readonly perWord: number | undefined;
  readonly rows: number;
  readonly inputs: number;
  readonly groups: number;
  readonly groupLength: number;
  readonly zeros: "none" | "packed" | "plain";
}

function measure(parts: Parts, shape: readonly number[], stated: QuantizationConfig | undefined): Measures | string {
  const { packed, scale, zeros, groupOf } = parts;
  const [rows, words] = packed.shape as readonly [number, number];
  const [outputs, inputs] = shape as readonly [number, number];
  if (packed.shape.length !== 2 || shape.length !== 2 || outputs !== rows || !Number.isSafeInteger(inputs)) {
    return `packed codes of ${shown(packed.shape)} words for a weight of shape ${shown(shape)}`;
  }
  if (!(inputs >= 1 && inputs <= words * 32)) return `${words} words can't hold rows of ${inputs}`;
  const candidates = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((bits) => {
    const gapped = Math.floor(32 / bits);
    const dense = wordsFor(inputs, bits) === words ? [{ bits, perWord: undefined }] : [];
    const old = 32 % bits !== 0 && Math.ceil(inputs / gapped) === words ? [{ bits, perWord: gapped }] : [];
    return [...dense, ...old];
  });
  const wanted = stated?.integer("num_bits");
  // Without a configuration, the two widths that the format had at first.
  const fits = candidates.filter(({ bits }) => (wanted === undefined ? bits === 4 || bits === 8 : bits === wanted));
  if (fits.length !== 1)
    return `packed rows of ${words} words for ${inputs} inputs: how many bits a code has can't be told`;
  const { bits, perWord } = fits[0]!;
  if (!scale.floating) return `its scales are ${scale.dataType} numbers`;
  const groups = countOf(scale) === 1 ? 1 : (scale.shape[1] ?? 1);
  const perRow = scale.shape[0] === rows && scale.shape.length <= 2;
  const single = countOf(scale) === 1;
  const groupLength = groupOf ? 1 : lengthOfGroups(inputs, groups, stated?.integer("group_size"));
  if (!(perRow || single) || groupLength === undefined) {
    return `its scales of shape ${shown(scale.shape)} don't fit a weight of shape ${shown(shape)}`;
  }
  if (groupOf !== undefined && (groupOf.floating || countOf(groupOf) !== inputs)) {
    return `its group indices of shape ${shown(groupOf.shape)} don't fit ${inputs} inputs`;
  }
  const kind = zeroKind(zeros, rows, groups, bits, single);
  if (kind === undefined) return `its zero points of ${zeros!.dataType} ${shown(zeros!.shape)} don't fit`;
  return { bits, perWord, rows, inputs, groups, groupLength, zeros: kind };
}

function zeroKind(zeros: StoredTensor | undefined, rows: number, groups: number, bits: number, single: boolean) {
  if (zeros === undefined) return "none";
  if (isWords(zeros)) return String(zeros.shape) === String([wordsFor(rows, bits), groups]) ? "packed" : undefined;
  const fits = countOf(zeros) === (single ? 1 : rows * groups);
  return zeros.dataType === "int8" && fits ? "plain" : undefined;
}

function dequantized(name: string, parts: Parts, measures: Measures): StoredTensor {
  const { bits, rows, inputs, groups } = measures;
  return rowTensor({
    name,
    shape: [rows, inputs],
    dataType: `int${bits} (compressed-tensors)`,
    note: `compressed-tensors: ${bits}-bit codes times their scales, ${groups} group${groups === 1 ? "" : "s"} of inputs`,
    parts: Object.values(parts).filter((part) => part !== undefined),
    open: () => decoder(parts, measures),
  });
}

async function decoder({ packed, scale, zeros, groupOf }: Parts, measures: Measures): Promise<DecodeRows> {
  const { bits, perWord, inputs, groups, groupLength } = measures;
  const words = packed.shape[1]!;
  const middle = 2 ** (bits - 1);
  const single = countOf(scale) === 1;
  const groupAt = groupOf && (await readGroups(groupOf, groups));
  const zeroAt = await zeroCodes(zeros, measures, middle);
  const readCodes = partReader(packed);
  const readScales = partReader(scale);
  return async (from, to) => {
    const stored = await readCodes(from * words, (to - from) * words);
    const factors = single ? await readScales(0, 1) : await readScales(from * groups, (to - from) * groups);
    const result = new Float32Array((to - from) * inputs);
    for (let row = from; row < to; row++) {
      const codes = unpackRow(stored, (row - from) * words, bits, perWord, inputs);
      for (let k = 0; k < inputs; k++) {
        const group = groupAt ? groupAt[k]! : Math.floor(k / groupLength);
        const zero = zeroAt === undefined ? middle : zeroAt(row, group);
        const factor = factors[single ? 0 : (row - from) * groups + group]!;
        result[(row - from) * inputs + k] = (codes[k]! - zero) * factor;
      }
    }
    return result;
  };
}

function unpackRow(
  words: Parameters<typeof unpackCodes>[0],
  at: number,
  bits: number,
  perWord: number | undefined,
  count: number,
) {
  if (perWord === undefined) return unpackCodes(words, at * 32, bits, count);
  const codes = new Uint8Array(count);
  for (let n = 0; n < count; n += perWord) {
    codes.set(unpackCodes(words, (at + n / perWord) * 32, bits, Math.min(perWord, count - n)), n);
  }
  return codes;
}

/** Zero points as unsigned codes, as the weight's are: the difference of the two is what counts. */
async function zeroCodes(zeros: StoredTensor | undefined, measures: Measures, middle: number) {
  if (zeros === undefined) return undefined;
  const { bits, groups } = measures;
  const stored = await readAll(zeros);
  if (measures.zeros === "plain") {
    const single = stored.length === 1;
    return (row: number, group: number) => stored[single ? 0 : row * groups + group]! + middle;
  }
  const mask = 2 ** bits - 1;
  return (row: number, group: number) => {
    const bit = row * bits;
    const word = Math.floor(bit / 32);
    let code = stored[word * groups + group]! >>> (bit % 32);
    if ((bit % 32) + bits > 32) code |= stored[(word + 1) * groups + group]! << (32 - (bit % 32));
    return code & mask;
  };
}
