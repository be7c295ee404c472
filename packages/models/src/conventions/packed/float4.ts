/**
 * Floats of 4 bits, two in a byte, the first in the lower half, with a scale for each few of them along the row.
 * - NVFP4, 16 to a float8 scale and one more for the tensor: ModelOpt's `weight`, `weight_scale`, `weight_scale_2`
 *   (multiplied), compressed-tensors' `weight_packed`, `weight_scale`, `weight_global_scale` (divided by).
 * - MXFP4, 32 to an exponent: compressed-tensors' `weight_packed` and `weight_scale` of uint8, and gpt-oss' `…_blocks`
 *   [experts, out, groups, 16] with `…_scales` [experts, out, groups].
 */
import { countOf, partReader, readAll } from "../../tensors/part-reader.js";
import { type DecodeRows, rowTensor } from "../../tensors/row-tensor.js";
import { exponentScale, float4Values } from "../../tensors/small-floats.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { leaveOutActivations, leaveOutPacked, present, shown, splitName, unpackedName } from "./siblings.js";

export const float4: Rule = {
  name: "float4 in blocks",
  apply(bag) {
    for (const codes of bag) {
      if (bag.get(codes.name) !== codes || codes.dataType !== "uint8") continue;
      if (codes.name.endsWith("_blocks")) unpackBlocks(bag, codes);
      else if (codes.name.endsWith("weight_packed")) unpackPacked(bag, codes, codes.name.slice(0, -"_packed".length));
      else if (splitName(codes.name)[1] === "weight") unpackPacked(bag, codes, codes.name);
    }
  },
};

interface Float4 {
  readonly codes: StoredTensor;
  readonly scales: StoredTensor;
  readonly exponents: boolean;
  /** One more scale for the tensor. */
  readonly whole: { readonly tensor: StoredTensor; readonly divides: boolean } | undefined;
  readonly shape: readonly number[];
  readonly group: number;
}

/** gpt-oss: the last two axes, groups and the bytes of one, are the row. */
function unpackBlocks(bag: TensorBag, codes: StoredTensor): void {
  const base = codes.name.slice(0, -"_blocks".length);
  const scales = bag.get(`${base}_scales`);
  if (scales === undefined) return;
  const { shape } = codes;
  const exponents = isExponent(scales);
  const fits =
    shape.length >= 3 && (exponents || scales.floating) && String(scales.shape) === String(shape.slice(0, -1));
  if (!fits) {
    const why = `float4 blocks of shape ${shown(shape)} with scales of ${scales.dataType} ${shown(scales.shape)}`;
    leaveOutPacked(bag, codes.name, [scales.name], why);
    return;
  }
  const group = shape.at(-1)! * 2;
  const dense = [...shape.slice(0, -2), shape.at(-2)! * group];
  const name = bag.get(base) === undefined ? base : codes.name;
  const found = { codes, scales, exponents, whole: undefined, shape: dense, group };
  bag.replace([codes.name, scales.name], [dequantized(name, found, "MXFP4")]);
}

function unpackPacked(bag: TensorBag, codes: StoredTensor, base: string): void {
  const scales = bag.get(`${base}_scale`);
  const multiplied = bag.get(`${base}_scale_2`);
  const divided = bag.get(`${base}_global_scale`);
  if (scales === undefined) return;
  const nv = /^float8_e4m3/.test(scales.dataType);
  // Bytes with a scale may be many things; these are what names them.
  if (!nv && !((isExponent(scales) || /e8m0/.test(scales.dataType)) && codes.name !== base)) return;
  const parts = [
    codes,
    ...present(
      bag,
      ["_scale", "_scale_2", "_global_scale"].map((end) => base + end),
    ),
  ];
  const names = parts.map(({ name }) => name);
  const shape = [...codes.shape.slice(0, -1), (codes.shape.at(-1) ?? 0) * 2];
  const group = nv ? 16 : 32;
  const whole = multiplied ?? divided;
  const fits =
    shape.length >= 2 &&
    String(scales.shape) === String([...shape.slice(0, -1), shape.at(-1)! / group]) &&
    (whole === undefined || (whole.floating && countOf(whole) === 1)) &&
    !(multiplied && divided);
  const kind = nv ? "NVFP4" : "MXFP4";
  if (!fits) {
    const why = `bytes of shape ${shown(codes.shape)} with ${parts
      .slice(1)
      .map((part) => `${splitName(part.name)[1]} ${shown(part.shape)}`)
      .join(", ")}: not ${kind} as it is read`;
    leaveOutPacked(bag, codes.name, names.slice(1), why);
  } else {
    const name = codes.name === base ? base : unpackedName(bag, codes.name, names);
    const scaled = whole && { tensor: whole, divides: whole === divided };
    const found = { codes, scales, exponents: isExponent(scales), whole: scaled, shape, group };
    bag.replace(names, [dequantized(name, found, kind)]);
  }
  leaveOutActivations(bag, splitName(codes.name)[0]);
}

const isExponent = ({ dataType }: StoredTensor) => dataType === "uint8";

function dequantized(name: string, found: Float4, kind: string): StoredTensor {
  const { codes, scales, whole, shape, group } = found;
  return rowTensor({
    name,
    shape,
    dataType: `float4 (${kind})`,
    note: `${kind}: 4-bit floats times a scale for each ${group}`,
    parts: [codes, scales, ...(whole ? [whole.tensor] : [])],
    open: () => decoder(found),
  });
}

async function decoder({ codes, scales, exponents, whole, shape, group }: Float4): Promise<DecodeRows> {
  const bytes = shape.at(-1)! / 2;
  const groups = shape.at(-1)! / group;
  const [wholeScale] = whole ? await readAll(whole.tensor) : [1];
  const factor = whole?.divides ? 1 / wholeScale! : wholeScale!;
  const [readCodes, readScales] = [partReader(codes), partReader(scales)];
  return async (from, to) => {
    const packed = await readCodes(from * bytes, (to - from) * bytes);
    const stored = await readScales(from * groups, (to - from) * groups);
    const result = new Float32Array(packed.length * 2);
    for (let block = 0; block < stored.length; block++) {
      const scale = (exponents ? exponentScale(stored[block]!) : stored[block]!) * factor;
      const begin = (block * group) / 2;
      for (let at = begin; at < begin + group / 2; at++) {
        result[2 * at] = float4Values[packed[at]! & 15]! * scale;
        result[2 * at + 1] = float4Values[packed[at]! >> 4]! * scale;
      }
    }
    return result;
  };
}
