/**
 * Averaged copies (EMA) that stand beside the weights they average, under a prefix: `ema_model.…`, `ema_params/…`, or
 * `model_ema.…` without the dots of the names, as latent diffusion's training code has it.
 */
import type { Shape } from "@comhe/core/layouts";
import type { Rule } from "./tensor-bag.js";

const prefix =
  /^(model_ema|ema_model|module_ema|ema|averaged_model|swa_model|ema_params|params_ema|ema_state|avg_params)[./]/;

interface Named {
  readonly name: string;
  readonly shape: Shape;
}

/** From a copy's name to that of its original; empty where the copies don't match one to one. */
export function averagedCopies(tensors: readonly Named[]): ReadonlyMap<string, string> {
  const copies = tensors.filter(({ name, shape }) => prefix.test(name) && shape.length >= 2);
  if (copies.length === 0) return new Map();
  const originals = new Map<string, Named>();
  for (const found of tensors) {
    if (prefix.test(found.name)) continue;
    const parts = found.name.split(/(?<=[./])/);
    for (const rest of [parts, parts.slice(1)]) {
      const name = rest.join("");
      for (const called of [name, name.replace(/[./]/g, "")]) if (!originals.has(called)) originals.set(called, found);
    }
  }
  const result = new Map<string, string>();
  for (const { name, shape } of copies) {
    const original = originals.get(name.replace(prefix, ""));
    if (original?.shape.join() !== shape.join()) return new Map();
    result.set(name, original.name);
  }
  return result;
}

export const averaged: Rule = {
  name: "averaged copies",
  apply(bag) {
    for (const [copy, original] of averagedCopies([...bag]))
      bag.leaveOut(copy, `an averaged copy (EMA) of "${original}"`);
  },
};
