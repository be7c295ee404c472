/** The regularizer of a recurrent kernel: an energy for each gate, in one line of a layer's config. */
import { EnergyError } from "@comhe/core";
import { combineRegularizers, type SumRegularizer } from "./combine-regularizers.js";
import { HypersphericalEnergy, type HypersphericalEnergyOptions } from "./hyperspherical-energy.js";

/** The gates of tfjs's recurrent layers, in the order in which their matrices lie side by side in a kernel. */
export const gatesOf = {
  LSTM: ["input", "forget", "cell", "output"],
  GRU: ["update", "reset", "candidate"],
} as const satisfies Record<string, readonly string[]>;

/**
 * A regularizer with an energy for each gate of an LSTM or a GRU, each with projections of its own:
 * `tf.layers.lstm({ units: 32, kernelRegularizer: gateEnergies("LSTM", { … }), recurrentRegularizer: gateEnergies("LSTM", { … }) })`.
 * A SimpleRNN has no gates and takes `hypersphericalEnergy`.
 *
 * @param layer the kind of layer
 * @param options of each gate's energy; the gate's name is added to `name`
 * @throws EnergyError `invalid-config` for another kind of layer, and for wrong options
 */
export function gateEnergies(
  layer: keyof typeof gatesOf,
  options: Omit<HypersphericalEnergyOptions, "gate">,
): SumRegularizer {
  const gates = Object.hasOwn(gatesOf, layer) ? gatesOf[layer] : undefined;
  if (!gates) {
    throw new EnergyError(
      "invalid-config",
      `gateEnergies: expected "LSTM" or "GRU", got ${JSON.stringify(layer)}. Kernels without gates take hypersphericalEnergy.`,
      { path: "layer" },
    );
  }
  const { name = "" } = options ?? {};
  return combineRegularizers(
    gates.map((gate, index) => {
      const settings = { ...options, gate: { index, count: gates.length }, name: `${name}[${gate}]` };
      return new HypersphericalEnergy(settings);
    }),
  );
}
