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

/**
 * From a copy's name to that of its original; empty where the copies don't match one to one. Originals have the same names, or the name of their network
 * before them: then they are all of one network, and most of its matrices are averaged. A layer that is merely called "ema" is no copy of another.
 */
export function averagedCopies(tensors: readonly Named[]): ReadonlyMap<string, string> {
  const matrices = tensors.filter(({ shape }) => shape.length >= 2);
  const copies = matrices.filter(({ name }) => prefix.test(name));
  if (copies.length === 0) return new Map();
  const networks = new Map<string, Named[]>([["", []]]);
  for (const found of matrices) {
    if (prefix.test(found.name)) continue;
    networks.get("")!.push(found);
    const network = /^[^./]*[./]/.exec(found.name)?.[0];
    if (network === undefined) continue;
    const list = networks.get(network);
    if (list) list.push(found);
    else networks.set(network, [found]);
  }
  for (const [network, originals] of networks) {
    const found = copiesOf(copies, originals, network);
    if (found !== undefined) return found;
  }
  return new Map();
}

function copiesOf(
  copies: readonly Named[],
  originals: readonly Named[],
  network: string,
): ReadonlyMap<string, string> | undefined {
  const byName = new Map<string, Named>();
  for (const original of originals) {
    const name = original.name.slice(network.length);
    for (const called of [name, name.replace(/[./]/g, "")]) if (!byName.has(called)) byName.set(called, original);
  }
  const result = new Map<string, string>();
  for (const { name, shape } of copies) {
    const original = byName.get(name.replace(prefix, ""));
    if (original?.shape.join() !== shape.join()) return undefined;
    result.set(name, original.name);
  }
  // Of a single "weight" nothing tells that it is one network's.
  const isNetwork = originals.some(({ name }) => /[./]/.test(name.slice(network.length)));
  return network === "" || (isNetwork && 2 * new Set(result.values()).size > originals.length) ? result : undefined;
}

export const averaged: Rule = {
  name: "averaged copies",
  apply(bag) {
    for (const [copy, original] of averagedCopies([...bag]))
      bag.leaveOut(copy, `an averaged copy (EMA) of "${original}"`, true);
  },
};
