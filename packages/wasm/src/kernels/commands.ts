/** Codes of the commands; `assembly/index.ts` has the same list. The slots of each are described where it is computed. */
export const commands = {
  pairwise: 0,
  pairwiseProduct: 1,
  mismatch: 2,
  mismatchProduct: 3,
  matmul: 4,
  directions: 5,
  pullback: 6,
  productRows: 7,
  innerProducts: 8,
  energies: 9,
  losses: 10,
  rootScales: 11,
  combine: 12,
  scaleBatch: 13,
  reduce: 14,
  gatherColumns: 15,
  scatterColumns: 16,
  sketch: 17,
  random: 18,
} as const;

export type CommandName = keyof typeof commands;

/** Numbers for slots 2, 3, …; addresses are bytes. */
export type Slots = readonly number[];
