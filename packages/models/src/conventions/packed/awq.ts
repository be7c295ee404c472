/**
 * AWQ (Lin et al. 2023, arXiv 2306.00978) as AutoAWQ stores it, 4 bits. "gemm": `qweight` [in, out/8], `qzeros`
 * [groups, out/8], `scales` [groups, out]; the eight codes of a word, from its lowest bits on, are outputs
 * 0 2 4 6 1 3 5 7. "gemv": `qweight` [out, in/8] in plain order along the inputs, `qzeros` and `scales` with a row for
 * each output, padded. W[n, k] = scale·(q − zero) in both.
 */
import { partReader, readAll } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";
import { transposed } from "../../tensors/transposed.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { isWords } from "./bits.js";
import { lengthOfGroups } from "./input-groups.js";
import { type QuantizationConfig, quantizationConfig } from "./quantization-config.js";
import { leaveOutActivations, leaveOutPacked, present, shown, splitName, unpackedName } from "./siblings.js";

export const awq: Rule = {
  name: "AWQ",
  apply(bag, { config }) {
    const stated = quantizationConfig(config);
    for (const { name } of bag) if (splitName(name)[1] === "qweight") unpack(bag, name, stated);
  },
};

interface Parts {
  readonly qweight: StoredTensor;
  readonly scales: StoredTensor;
  /** Absent where codes are symmetric about 8. */
  readonly qzeros: StoredTensor | undefined;
}

function unpack(bag: TensorBag, name: string, stated: QuantizationConfig | undefined): void {
  const [module] = splitName(name);
  const qweight = bag.get(name)!;
  const scales = bag.get(`${module}scales`);
  const qzeros = bag.get(`${module}qzeros`);
  if (!isWords(qweight) || qweight.shape.length !== 2 || scales?.shape.length !== 2 || !scales.floating) return;
  const parts: Parts = { qweight, scales, qzeros };
  const names = [name, scales.name, ...present(bag, [`${module}qzeros`]).map((part) => part.name)];
  const dense = build(parts, unpackedName(bag, name, names), stated);
  if (typeof dense === "string") leaveOutPacked(bag, name, names.slice(1), dense);
  else bag.replace(names, [dense]);
  leaveOutActivations(bag, module);
}

function build({ qweight, scales, qzeros }: Parts, name: string, stated: QuantizationConfig | undefined) {
  const [rows, words] = qweight.shape as readonly [number, number];
  const [scaleRows, scaleColumns] = scales.shape as readonly [number, number];
  const bits = stated?.integer("bits") ?? stated?.integer("w_bit") ?? 4;
  if (bits !== 4) return `AWQ with ${bits} bits; 4 are read`;
  if (qzeros !== undefined && !isWords(qzeros)) return `AWQ with zeros of ${qzeros.dataType}`;
  const zerosAre = (shape: readonly number[]) => qzeros === undefined || String(qzeros.shape) === String(shape);
  const parts = [qweight, scales, ...(qzeros ? [qzeros] : [])];
  const described = (groups: number) => ({
    name,
    dataType: "int4 (AWQ)",
    note: `AWQ: 4-bit codes times their scales, ${groups} group${groups === 1 ? "" : "s"} of inputs`,
    parts,
  });
  const size = stated?.integer("group_size") ?? stated?.integer("q_group_size");
  const version = stated?.text("version") ?? (scaleColumns === words * 8 ? "gemm" : "gemv");
  if (version === "gemm" && scaleColumns === words * 8 && zerosAre([scaleRows, words])) {
    const length = lengthOfGroups(rows, scaleRows, size);
    if (length !== undefined) {
      const open = () => gemmDecoder({ qweight, scales, qzeros }, length);
      return transposed(rowTensor({ ...described(scaleRows), shape: [rows, words * 8], open }));
    }
  }
  if (version === "gemv" && scaleRows === rows && scaleColumns % 8 === 0 && zerosAre([rows, scaleColumns / 8])) {
    const length = size === -1 ? words * 8 : size;
    // Scales are padded to a width of their own, so that groups can't be counted.
    if (length === undefined) return "AWQ (gemv) needs the group size that config.json tells; put it beside the file";
    if (length >= 1 && Math.ceil((words * 8) / length) <= scaleColumns) {
      const open = () => gemvDecoder({ qweight, scales, qzeros }, length);
      return rowTensor({ ...described(Math.ceil((words * 8) / length)), shape: [rows, words * 8], open });
    }
  }
  return `codes of ${shown(qweight.shape)} words with scales ${shown(scales.shape)}${
    qzeros === undefined ? "" : ` and zeros ${shown(qzeros.shape)}`
  }: neither GPTQ's nor AWQ's ${version === "gemm" ? "" : `(${version}) `}packing`;
}

/** Where in its word the code of output 8j + n is, in steps of four bits. */
const place = [0, 4, 1, 5, 2, 6, 3, 7];

async function gemmDecoder({ qweight, scales, qzeros }: Parts, groupLength: number): Promise<DecodeRows> {
  const [, outputs] = scales.shape as readonly [number, number];
  const words = outputs / 8;
  const factors = await readAll(scales);
  const zeros = qzeros && (await readAll(qzeros));
  const read = partReader(qweight);
  return async (from, to) => {
    const codes = await read(from * words, (to - from) * words);
    const result = new Float32Array((to - from) * outputs);
    for (let k = from; k < to; k++) {
      const group = Math.floor(k / groupLength);
      for (let word = 0; word < words; word++) {
        const packed = codes[(k - from) * words + word]!;
        const packedZeros = zeros === undefined ? 0x88888888 : zeros[group * words + word]!;
        for (let n = 0; n < 8; n++) {
          const shift = place[n]! * 4;
          const output = word * 8 + n;
          const code = ((packed >>> shift) & 15) - ((packedZeros >>> shift) & 15);
          result[(k - from) * outputs + output] = code * factors[group * outputs + output]!;
        }
      }
    }
    return result;
  };
}

function gemvDecoder({ qweight, scales, qzeros }: Parts, groupLength: number): DecodeRows {
  const words = qweight.shape[1]!;
  const width = scales.shape[1]!;
  const read = partReader(qweight);
  const readScales = partReader(scales);
  const readZeros = qzeros && partReader(qzeros);
  return async (from, to) => {
    const codes = await read(from * words, (to - from) * words);
    const factors = await readScales(from * width, (to - from) * width);
    const zeros = await readZeros?.((from * width) / 8, ((to - from) * width) / 8);
    const result = new Float32Array(codes.length * 8);
    for (let at = 0; at < result.length; at++) {
      const row = Math.floor(at / (words * 8));
      const group = row * width + Math.floor((at % (words * 8)) / groupLength);
      result[at] = (nibble(codes, at) - (zeros === undefined ? 8 : nibble(zeros, group))) * factors[group]!;
    }
    return result;
  };
}

const nibble = (words: NumberArray, n: number): number => (words[n >> 3]! >>> ((n & 7) * 4)) & 15;
