/**
 * Averaged copies (EMA) that stand in a state_dict beside the weights they average, under a prefix: `ema_model.…`, or
 * `model_ema.…` without the dots of the names, as latent diffusion's training code has it.
 */
import type { FoundTensor } from "./tensors-within.js";

const prefix = /^(model_ema|ema_model|module_ema|ema|averaged_model|swa_model)\./;

/** From a copy's name to that of its original; empty where the copies don't match one to one. */
export function averagedCopies(tensors: readonly FoundTensor[]): ReadonlyMap<string, string> {
  const copies = tensors.filter(({ name, tensor }) => prefix.test(name) && tensor.view.shape.length >= 2);
  if (copies.length === 0) return new Map();
  const originals = new Map<string, FoundTensor>();
  for (const found of tensors) {
    if (prefix.test(found.name)) continue;
    const parts = found.name.split(".");
    for (const rest of [parts, parts.slice(1)]) {
      for (const name of [rest.join("."), rest.join("")]) if (!originals.has(name)) originals.set(name, found);
    }
  }
  const result = new Map<string, string>();
  for (const { name, tensor } of copies) {
    const original = originals.get(name.replace(prefix, ""));
    if (original?.tensor.view.shape.join() !== tensor.view.shape.join()) return new Map();
    result.set(name, original.name);
  }
  return result;
}
