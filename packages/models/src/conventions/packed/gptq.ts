/**
 * GPTQ (Frantar et al. 2022, arXiv 2210.17323) as AutoGPTQ and GPTQModel store it: `qweight` [in·bits/32, out], codes of
 * 2, 3, 4 or 8 bits packed along the inputs, `scales` [groups, out], `qzeros` [groups, out·bits/32] packed along the
 * outputs, and `g_idx` [in], the group of each input in any order. W[n, k] = scales[g, n]·(q[k, n] − zero[g, n]) with
 * g = g_idx[k]. The first format stores zero − 1; `gptq_v2` stores the zero itself.
 */
import { countOf, partReader, readAll } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import { transposed } from "../../tensors/transposed.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { isWords, unpackCodes, wordsFor } from "./bits.js";
import { lengthOfGroups, readGroups } from "./input-groups.js";
import { type QuantizationConfig, quantizationConfig } from "./quantization-config.js";
import { leaveOutActivations, leaveOutPacked, present, shown, splitName, unpackedName } from "./siblings.js";

export const gptq: Rule = {
  name: "GPTQ",
  apply(bag, { config }) {
    const stated = quantizationConfig(config);
    if (stated?.method === "awq") return;
    for (const { name } of bag) if (splitName(name)[1] === "qweight") unpack(bag, name, stated);
  },
};

interface Parts {
  readonly qweight: StoredTensor;
  readonly scales: StoredTensor;
  readonly qzeros: StoredTensor | undefined;
  readonly groupOf: StoredTensor | undefined;
}

function unpack(bag: TensorBag, name: string, stated: QuantizationConfig | undefined): void {
  const [module] = splitName(name);
  const qweight = bag.get(name)!;
  const scales = bag.get(`${module}scales`);
  const outputs = qweight.shape[1];
  // With as many words in a row as there are outputs, codes are packed along the inputs: that is GPTQ's; AWQ's is the other.
  if (!isWords(qweight) || qweight.shape.length !== 2) return;
  if (scales?.shape.length !== 2 || scales.shape[1] !== outputs || !scales.floating) return;
  const qzeros = bag.get(`${module}qzeros`);
  const groupOf = bag.get(`${module}g_idx`);
  const parts: Parts = { qweight, scales, qzeros, groupOf };
  const names = [qweight, scales, ...present(bag, [`${module}qzeros`, `${module}g_idx`])].map((part) => part.name);
  const found = measure(parts, formatOf(stated), stated);
  if (typeof found === "string") leaveOutPacked(bag, name, names.slice(1), found);
  else {
    const { bits, inputs } = found;
    const groups = scales.shape[0]!;
    const stacked = rowTensor({
      name: unpackedName(bag, name, names),
      shape: [inputs, outputs!],
      dataType: `int${bits} (GPTQ)`,
      note: `GPTQ: ${bits}-bit codes times their scales, ${groups} group${groups === 1 ? "" : "s"} of inputs`,
      parts: [qweight, scales, ...(qzeros ? [qzeros] : []), ...(groupOf ? [groupOf] : [])],
      open: () => decoder(parts, found),
    });
    bag.replace(names, [transposed(stacked)]);
  }
  leaveOutActivations(bag, module);
}

/** GPTQModel and AutoGPTQ write `checkpoint_format`, AutoRound `packing_format`; without either it is the first one. */
function formatOf(stated: QuantizationConfig | undefined): string {
  const own = stated?.method === "gptq" ? stated.text("format") : undefined;
  return stated?.text("checkpoint_format") ?? stated?.text("packing_format") ?? own ?? "gptq";
}

interface Measures {
  readonly bits: number;
  readonly inputs: number;
  /** What is added to a stored zero. */
  readonly zeroOffset: number;
  /** Neighbouring inputs that share a scale, where no `g_idx` says so. */
  readonly groupLength: number;
}

/** How many bits a code has, held against everything that says so; a string says what doesn't fit. */
function measure({ qweight, scales, qzeros, groupOf }: Parts, format: string, stated: QuantizationConfig | undefined) {
  const [words, outputs] = qweight.shape as readonly [number, number];
  const [groups] = scales.shape as readonly [number, number];
  if (!/^(?:gptq|gptq_v2|auto_round:auto_gptq)$/.test(format)) {
    return `packed as "${format}", which isn't read; GPTQ's own formats are gptq and gptq_v2`;
  }
  const fits = [2, 3, 4, 8].filter((bits) => {
    const inputs = (words * 32) / bits;
    if (!Number.isInteger(inputs) || inputs < 1) return false;
    if (groupOf !== undefined && countOf(groupOf) !== inputs) return false;
    if (qzeros !== undefined && String(qzeros.shape) !== String([groups, wordsFor(outputs, bits)])) return false;
    return stated?.integer("bits") === undefined || stated.integer("bits") === bits || dynamic(stated);
  });
  const pinned = groupOf !== undefined || qzeros !== undefined || stated?.integer("bits") !== undefined;
  if (fits.length !== 1 || !pinned) {
    const others = [scales, qzeros, groupOf].filter((part) => part !== undefined);
    const list = others.map(({ name, shape }) => `${splitName(name)[1]} ${shown(shape)}`).join(", ");
    return `GPTQ codes of ${shown(qweight.shape)} words with ${list} fit ${fits.length === 0 ? "no width of 2, 3, 4 or 8 bits" : "several widths"}`;
  }
  if (qzeros !== undefined && !isWords(qzeros)) return `GPTQ with zeros of ${qzeros.dataType}`;
  if (groupOf?.floating) return `GPTQ with groups of ${groupOf.dataType} numbers`;
  const bits = fits[0]!;
  const inputs = (words * 32) / bits;
  const zeroOffset = format === "gptq_v2" ? 0 : 1;
  const groupLength = groupOf === undefined ? lengthOfGroups(inputs, groups, stated?.integer("group_size")) : 1;
  if (groupLength === undefined) return `GPTQ with ${groups} groups of ${inputs} inputs and no g_idx that says which`;
  return { bits, inputs, zeroOffset, groupLength } satisfies Measures;
}

/** Layers of their own widths: GPTQModel's `dynamic`. */
const dynamic = (stated: QuantizationConfig) => stated.part("dynamic") !== undefined;

async function decoder({ qweight, scales, qzeros, groupOf }: Parts, measures: Measures): Promise<DecodeRows> {
  const { bits, zeroOffset, groupLength } = measures;
  const [groups, outputs] = scales.shape as readonly [number, number];
  const factors = await readAll(scales);
  // Without zeros, codes are symmetric about the middle.
  const zeros = new Uint16Array(groups * outputs).fill(2 ** (bits - 1));
  if (qzeros !== undefined) {
    const words = await readAll(qzeros);
    const perRow = qzeros.shape[1]!;
    for (let group = 0; group < groups; group++) {
      const codes = unpackCodes(words, group * perRow * 32, bits, outputs);
      for (let n = 0; n < outputs; n++) zeros[group * outputs + n] = codes[n]! + zeroOffset;
    }
  }
  const given = groupOf && (await readGroups(groupOf, groups));
  const group = (k: number) => (given ? given[k]! : Math.floor(k / groupLength));
  const read = partReader(qweight);
  const mask = 2 ** bits - 1;
  return async (from, to) => {
    const firstWord = Math.floor((from * bits) / 32);
    const lastWord = wordsFor(to, bits);
    const words = await read(firstWord * outputs, (lastWord - firstWord) * outputs);
    const result = new Float32Array((to - from) * outputs);
    for (let k = from; k < to; k++) {
      const bit = k * bits;
      const shift = bit % 32;
      const row = (Math.floor(bit / 32) - firstWord) * outputs;
      const straddles = shift + bits > 32;
      const scaleRow = group(k) * outputs;
      const target = (k - from) * outputs;
      for (let n = 0; n < outputs; n++) {
        let code = words[row + n]! >>> shift;
        if (straddles) code |= words[row + outputs + n]! << (32 - shift);
        result[target + n] = ((code & mask) - zeros[scaleRow + n]!) * factors[scaleRow + n]!;
      }
    }
    return result;
  };
}
