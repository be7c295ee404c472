/** The lengths an exported model is made for; those that are left out are the run's to choose. */

/** Lengths that a model of {@link exportEnergyModel} is made for. */
export interface ModelShape {
  /** N, neurons. Left out: a length that each run may choose. */
  readonly count?: number | undefined;
  /** d, their dimension. Left out: a length that each run may choose. */
  readonly dim?: number | undefined;
}
