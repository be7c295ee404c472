/**
 * bitsandbytes' int8 (Dettmers et al. 2022, arXiv 2208.07339): `weight` [out, in] of int8, `SCB` [out] the largest size in
 * each row, so that W[n, k] = code·SCB[n]/127; `weight_format` says how codes lie, 0 for plain rows.
 */
import { countOf, partReader, readAll } from "../../tensors/part-reader.js";
import { rowTensor } from "../../tensors/row-tensor.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { leaveOutPacked, present, shown, splitName } from "./siblings.js";

export const bitsandbytesInt8: Rule = {
  name: "bitsandbytes int8",
  async apply(bag) {
    for (const { name } of bag) if (splitName(name)[1] === "SCB") await unpack(bag, name);
  },
};

async function unpack(bag: TensorBag, scaleName: string): Promise<void> {
  const [module] = splitName(scaleName);
  const weight = bag.get(`${module}weight`);
  const scale = bag.get(scaleName)!;
  if (weight?.dataType !== "int8") return;
  const format = bag.get(`${module}weight_format`);
  const names = [weight.name, ...present(bag, [scaleName, `${module}weight_format`]).map(({ name }) => name)];
  const reason = await whyNot(weight, scale, format);
  if (reason !== undefined) leaveOutPacked(bag, weight.name, names.slice(1), reason);
  else bag.replace(names, [dequantized(weight, scale)]);
}

async function whyNot(weight: StoredTensor, scale: StoredTensor, format: StoredTensor | undefined) {
  const rows = weight.shape[0];
  if (weight.shape.length !== 2) return `bitsandbytes int8 of shape ${shown(weight.shape)}; a matrix was expected`;
  if (!scale.floating || countOf(scale) !== rows) {
    return `bitsandbytes int8 of ${shown(weight.shape)} with SCB of ${scale.dataType} ${shown(scale.shape)}; expected [${rows}] floats`;
  }
  if (format === undefined) return undefined;
  const [code] = countOf(format) === 1 ? await readAll(format) : [Number.NaN];
  const name = ["row", "col32", "col_turing", "col_ampere"][code!] ?? code;
  return name === "row" ? undefined : `bitsandbytes int8 in the order "${name}", which isn't read; save it in "row"`;
}

function dequantized(weight: StoredTensor, scale: StoredTensor): StoredTensor {
  const length = weight.shape[1]!;
  return rowTensor({
    name: weight.name,
    shape: weight.shape,
    dataType: "int8 (bitsandbytes)",
    note: "bitsandbytes: int8 codes times a scale for each neuron",
    parts: [weight, scale],
    open() {
      const readCodes = partReader(weight);
      const readScales = partReader(scale);
      return async (from, to) => {
        const codes = await readCodes(from * length, (to - from) * length);
        const scales = await readScales(from, to - from);
        const result = new Float32Array(codes.length);
        for (let row = 0; row < to - from; row++) {
          const factor = scales[row]! / 127;
          for (let at = row * length; at < (row + 1) * length; at++) result[at] = codes[at]! * factor;
        }
        return result;
      };
    },
  });
}
