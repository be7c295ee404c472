/**
 * PyTorch keeps a weight that is computed from others under another name, and what it is computed with beside it. Its neurons are those
 * of the weight that the network computes with, so that one is made where the file says how, under the name that it has in the network:
 * its bias, its gates and its axes are found by that name. Otherwise it is left out, for what is stored isn't what the network has.
 *
 * - Pruning (torch.nn.utils.prune): `weight_orig` times `weight_mask`; torch.ao.pruning: `parametrizations.weight.0.mask`.
 * - Spectral normalization: `weight_orig` beside `weight_u`, or `parametrizations.weight.original` beside `0._u`: all of it is divided by
 *   one number, which no direction feels.
 * - Any other parametrization (orthogonal, symmetric, a user's own): `parametrizations.weight.original` alone doesn't tell the weight.
 */
import type { StoredTensor } from "../tensors/stored-tensor.js";
import type { Rule, TensorBag } from "./tensor-bag.js";

export const parametrized: Rule = {
  name: "parametrized weights",
  apply(bag) {
    const parametrizations = byWeight(bag);
    for (const tensor of bag) {
      if (!tensor.floating || tensor.shape.length < 2 || tensor.shape.includes(0)) continue;
      old(bag, tensor);
      const found = /^(.*?)parametrizations\.([^.]+)\.original$/.exec(tensor.name);
      if (found === null) continue;
      const weight = `${found[1]}${found[2]}`;
      registered(bag, tensor, weight, parametrizations.get(weight) ?? []);
    }
  },
};

const isMask = ({ name, shape }: StoredTensor, of: StoredTensor): boolean =>
  /(^|[._])mask$/.test(name) && shape.join() === of.shape.join();
const isSingularVector = ({ name, shape }: StoredTensor): boolean => /_[uv]$/.test(name) && shape.length === 1;

/** `weight_orig`, with its mask or its singular vectors beside it. */
function old(bag: TensorBag, tensor: StoredTensor): void {
  const weight = /^(.*)_orig$/.exec(tensor.name)?.[1];
  if (weight === undefined) return;
  const beside = ["mask", "u", "v"]
    .map((part) => bag.get(`${weight}_${part}`))
    .filter((part) => part !== undefined && (isMask(part, tensor) || isSingularVector(part)));
  if (beside.length > 0) makeWeight(bag, tensor, weight, beside as StoredTensor[]);
}

/** What torch.nn.utils.parametrize registers: tensors of the parametrizations themselves are numbered. */
function registered(bag: TensorBag, tensor: StoredTensor, weight: string, beside: readonly StoredTensor[]): void {
  if (beside.length > 0 && beside.every((part) => isMask(part, tensor) || isSingularVector(part))) {
    makeWeight(bag, tensor, weight, beside);
    return;
  }
  const because = `"${weight}" is computed from it by a parametrization that isn't in the file: torch.nn.utils.parametrize.remove_parametrizations keeps what it makes`;
  bag.leaveOut(tensor.name, because, true);
  for (const { name } of beside) bag.leaveOut(name, because);
}

function byWeight(bag: TensorBag): Map<string, StoredTensor[]> {
  const found = new Map<string, StoredTensor[]>();
  for (const tensor of bag) {
    const [, module, name] = /^(.*?)parametrizations\.([^.]+)\.\d+\./.exec(tensor.name) ?? [];
    if (name === undefined) continue;
    const weight = `${module}${name}`;
    const parts = found.get(weight);
    if (parts) parts.push(tensor);
    else found.set(weight, [tensor]);
  }
  return found;
}

/** @param beside masks, which are taken in, and singular vectors, which are left to be told of as vectors */
function makeWeight(bag: TensorBag, tensor: StoredTensor, weight: string, beside: readonly StoredTensor[]): void {
  // The weight as it was computed last: what is stored under its own name needn't be made.
  const made = bag.get(weight);
  const masks = beside.filter((part) => isMask(part, tensor));
  if (made !== undefined) {
    for (const { name } of [tensor, ...masks]) bag.leaveOut(name, `"${weight}" is computed from it, and stored too`);
    return;
  }
  const notes = [
    ...(masks.length > 0 ? ["pruned: times its mask"] : []),
    ...(masks.length < beside.length ? ["spectral normalization: lengths are those before it"] : []),
  ];
  const note = [tensor.note, ...notes].filter((text) => text !== undefined).join("; ");
  bag.replace([tensor.name, ...masks.map(({ name }) => name)], [{ ...masked(tensor, masks), name: weight, note }]);
}

function masked(tensor: StoredTensor, masks: readonly StoredTensor[]): StoredTensor {
  if (masks.length === 0) return tensor;
  return {
    ...tensor,
    inParts: [tensor, ...masks].every(({ inParts }) => inParts),
    async read(from, count) {
      const [values, ...factors] = await Promise.all([tensor, ...masks].map((each) => each.read(from, count)));
      return values!.map((value, n) => factors.reduce((product, factor) => product * factor[n]!, value));
    },
  };
}
