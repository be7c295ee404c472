/**
 * The weight of the penalty from the first batches: what users of such regularizers ask most. The energy is a mean over pairs,
 * so that its gradient is small and shrinks with the number of neurons; a weight that works in one network does nothing in
 * another. What carries over better is how strong the penalty's pull is beside the task's.
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { SuggestWeightOptions, WeightSuggestion } from "./suggestion.js";

/**
 * Suggests a weight of the regularizer for each kernel: that at which the penalty's gradient has a chosen share of the task's, both taken on the model
 * as it is, without penalties that it may already have. The model isn't changed.
 *
 * It is a starting point, not an optimum: in deep plain networks it lies within the window that works (`examples/regimes`). Where such a balance was
 * found to say nothing, there is a `doubt` instead of a suggestion: output layers, shallow networks, kernels whose outputs are normalized, and those
 * with more neurons than dimensions. The energy of activations (`energyOf`, `energyLayer`) has no kernel, and no suggestion. Task gradients fall
 * during training, while the penalty's stays. Where it matters, try the suggestion's tenth and tenfold too, and choose on validation data.
 *
 * @throws EnergyError `invalid-config`, `invalid-shape` for options, batches or kernels that don't fit; `non-finite` for a
 *   loss whose gradient isn't finite
 */
export async function suggestWeight(model: LayersModel, options: SuggestWeightOptions): Promise<WeightSuggestion> {
  const { weighKernels } = await import("./weigh-kernels.js");
  return weighKernels(model, options);
}
