/** The lengths an exported model is made for; those that are left out are the run's to choose. */

/** Lengths that a model of {@link exportEnergyModel} is made for. */
export interface ModelShape {
  /** N, the number of neurons. Default: each run may choose it. */
  readonly count?: number | undefined;
  /** d, the length of a neuron. Default: each run may choose it. */
  readonly dim?: number | undefined;
}
