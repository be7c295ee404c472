/**
 * Packings that aren't read. Some are known by their tensors' names; the rest by what all of them have: codes that are no
 * floats, and beside them scales, zeros, code books. Everything of such a module is left out: its scales, taken for a
 * layer, would have an energy that means nothing. A layer that is merely called "scale" has no codes beside it and stays.
 */
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "../tensor-bag.js";
import { quantizationConfig } from "./quantization-config.js";
import { splitName } from "./siblings.js";

export const unknownPacking: Rule = {
  name: "packings that aren't read",
  apply(bag, { config }) {
    const modules = new Map<string, StoredTensor[]>();
    for (const tensor of bag) {
      const module = moduleOf(tensor.name);
      const known = modules.get(module);
      if (known) known.push(tensor);
      else modules.set(module, [tensor]);
    }
    for (const [module, tensors] of modules) leaveOutModule(bag, module, tensors);
    if (quantizationConfig(config) !== undefined) leaveOutOrphans(bag);
  },
};

/** Tensors by which a packing is known, the codes first. */
const signatures: readonly (readonly [name: string, tensors: readonly RegExp[]])[] = [
  ["EXL2", [/^q_weight$/, /^q_(?:scale|invperm|groups)/]],
  ["EXL3", [/^trellis$/, /^s[uv]h?$/]],
  ["AQLM", [/^codes$/, /^codebooks$/]],
  ["VPTQ", [/^indices$/, /centroids/]],
  ["QuIP#", [/^Qidxs/, /^S[UV]$/]],
  ["HQQ", [/^W_q$/]],
  ["Marlin", [/^B$/, /^s$/]],
  ["quanto", [/^weight\._data$/, /^weight\._s(?:cale|hift)$/]],
  ["torchao", [/^_?weight_qdata$|qdata$/, /scale/]],
  ["sparse bit masks (compressed-tensors)", [/compressed$/, /bitmask$/]],
];

const isCode = ({ floating, dataType }: StoredTensor) =>
  /^(?:float[468]|F\d)/.test(dataType) || (!floating && /^u?int(?:[248]|16|32)$/.test(dataType));

/** What codes are called … */
const codeName =
  /weight|packed|data$|codes|blocks$|^W_q$|^B$|trellis|Qidxs|indices|gate_up_proj|down_proj|kernel|embedding/;
/** … and what belongs to them. */
const partName =
  /(?:^|[._])(?:scales?(?:_inv|_2|_weight)?|zeros?|zero_points?|qzeros|g_idx|absmax|quant_map|quant_state\b.*|nested_\w+|codebooks?|(?:res_)?centroids|q_\w+|s[uv]h|S[UV]|SCB|biases|_?shift|perm|invperm|bitmask|row_offsets|meta|min|max|global_scale|scale_packed|zero)$|weight_\w*scale\w*$/;

function leaveOutModule(bag: TensorBag, module: string, tensors: readonly StoredTensor[]): void {
  const own = (tensor: StoredTensor) => tensor.name.slice(module.length);
  const [packing, names = []] =
    signatures.find(([, all]) => all.every((name) => tensors.some((tensor) => name.test(own(tensor))))) ?? [];
  const codes = tensors.filter((tensor) => {
    if (packing !== undefined) return names[0]!.test(own(tensor));
    // Buffers such as position indices are integers too, and no weights.
    const weightLike = codeName.test(own(tensor)) && !partName.test(own(tensor));
    return weightLike && isCode(tensor) && tensor.shape.length >= 2;
  });
  const parts = tensors.filter((tensor) => {
    return !codes.includes(tensor) && [partName, ...names].some((name) => name.test(own(tensor)));
  });
  if (codes.length === 0 || (parts.length === 0 && packing === undefined)) return;
  const as = packing ?? `codes beside ${parts.map(own).join(", ")}`;
  const reason = `a weight packed in a way that isn't read (${as}); convert the model to float16 or float32`;
  for (const { name } of codes) bag.leaveOut(name, reason);
  for (const { name } of parts) bag.leaveOut(name, `belongs to "${codes[0]!.name}", ${reason}`);
}

/** Leaves out scales without a weight: a shard of a quantized model may hold scales whose weight is in another one. */
function leaveOutOrphans(bag: TensorBag): void {
  for (const { name } of bag) {
    if (
      !/(?:^|[._/])(?:scales|qzeros|g_idx|absmax|SCB|\w*weight_scale(?:_inv|_2)?|\w*_proj_scale(?:s|_inv)?)$/.test(name)
    )
      continue;
    bag.leaveOut(
      name,
      "scales of a weight that isn't in this file; open the model by its index, with all of its shards",
    );
  }
}

/** bitsandbytes, quanto and torchao hang parts on the weight's own name. */
function moduleOf(name: string): string {
  const [module, own] = splitName(name);
  const [outer, inner] = splitName(module.slice(0, -1));
  if (/^quant_state$/.test(inner)) return moduleOf(module.slice(0, -1));
  return /^(?:weight|kernel)$/.test(inner) && own !== "" ? outer : module;
}
