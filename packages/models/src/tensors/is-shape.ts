/** Headers written as JSON: what in them is a shape. */
import type { Shape } from "@comhe/core/layouts";

export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** More axes than NumPy has, no tensor has. */
const mostAxes = 32;

export const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.length <= mostAxes && value.every(isWhole);
