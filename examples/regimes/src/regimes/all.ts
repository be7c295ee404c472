/** Every regime that was tried, in the order of the table. */
import { deepNormalized, deepPlain, imbalanced, invertedBottleneck, shallow } from "./digits.js";
import { fashionConvolutions, fashionDeepPlain, fashionMoreImages } from "./fashion.js";
import { fewShotHead } from "./few-shot.js";
import type { Regime } from "./regime.js";
import { selfSupervised } from "./self-supervised.js";

export const hostRegimes = [
  deepPlain,
  fashionDeepPlain,
  deepNormalized,
  shallow,
  invertedBottleneck,
  imbalanced,
  fewShotHead,
  fashionConvolutions,
  fashionMoreImages,
] as const;

export const regimes: readonly Regime[] = [...hostRegimes, selfSupervised];

export function regimeNamed(name: string): Regime {
  const found = regimes.find((regime) => regime.name === name);
  if (!found)
    throw new RangeError(`expected a regime out of ${regimes.map((each) => each.name).join(", ")}; got "${name}"`);
  return found;
}
