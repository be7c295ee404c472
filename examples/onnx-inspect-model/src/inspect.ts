/** The energy of every layer of a model, beside the best possible and that of uniformly random directions. */
import { raiseSmallRows, unitRows } from "@comhe/cli/rows";
import { type Backend, bestEnergy, defineEnergy, energyAndGradient, type Space, uniformEnergy } from "@comhe/core";
import { type ModelWeight, readWeights } from "@comhe/onnx";

export interface LayerEnergy {
  readonly name: string;
  readonly op: string;
  readonly count: number;
  readonly dim: number;
  readonly energy: number;
  /** The least that N directions in ℝᵈ can have, where it is known: N ≤ d, in full space N ≤ d + 1. */
  readonly best: number | undefined;
  /** Expected of uniformly random directions; infinite for d ≤ s + 1. */
  readonly uniform: number;
  /** (energy − best)/(uniform − best): 0 is the best possible, 1 random, more is redundant. */
  readonly score: number | undefined;
  readonly deadNeurons: number;
}

export interface Inspection {
  readonly layers: readonly LayerEnergy[];
  /** Layers of a single neuron, which have no pairs. */
  readonly single: number;
  /** Matrices and kernels that no rule places, by reason. */
  readonly unplaced: readonly { readonly name: string; readonly reason: string }[];
}

/** Riesz energy, s = 2: the authors' choice. */
export async function inspectModel<A>(backend: Backend<A>, file: string, space: Space): Promise<Inspection> {
  const { weights, unplaced } = await readWeights(file);
  const layers: LayerEnergy[] = [];
  for (const weight of weights) if (weight.count > 1) layers.push(await inspectLayer(backend, weight, space));
  return {
    layers,
    single: weights.length - layers.length,
    unplaced: unplaced.filter(({ shape, dataType }) => shape.length > 1 && dataType.startsWith("float")),
  };
}

async function inspectLayer<A>(backend: Backend<A>, weight: ModelWeight, space: Space): Promise<LayerEnergy> {
  const { name, op, count, dim } = weight;
  const spec = defineEnergy({ potential: { kind: "riesz", s: 2, distance: "chordal" }, space });
  const { data: rows } = await weight.neurons();
  // As the audit has it: what weight decay leaves of a neuron counts as dead, and by its direction in the energy.
  const deadNeurons = unitRows(rows, count, dim).dead;
  const data = raiseSmallRows(rows, count, dim);
  const { energy } = await energyAndGradient(backend, spec, { data, shape: [count, dim] });
  const best = bestEnergy(spec.potential, space, count, dim);
  const uniform = uniformEnergy(spec.potential, space, count, dim);
  const scored = best !== undefined && Number.isFinite(uniform) && uniform > best;
  const score = scored ? (energy - best) / (uniform - best) : undefined;
  return { name, op, count, dim, energy, best, uniform, score, deadNeurons };
}
