/** The commands of the binary, in the order of `kernels/commands.c`, which says what numbers and arrays each of them reads. */
const names = [
  "finite",
  "directions",
  "pairwise",
  "pairwiseEnergy",
  "pairwiseProduct",
  "mismatch",
  "mismatchProduct",
  "product",
  "random",
  "sketch",
  "statisticsStep",
  "statisticsRead",
  "pairwiseOfKernel",
] as const;

export type CommandName = (typeof names)[number];

/** Their numbers. */
export const commandNumbers = Object.fromEntries(names.map((name, at) => [name, at])) as Readonly<
  Record<CommandName, number>
>;
