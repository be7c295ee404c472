/** Says what computes the energies of a model: after loading one, above all, since a file can't hold a backend. */
import { EnergyError } from "@comhe/core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { EnergyLayer } from "../activation/energy-layer.js";
import { findEnergy } from "../regularizer/find-energy.js";
import type { HostBackend } from "../regularizer/host-program.js";
import type { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import { joinPenalties } from "./joint-penalty.js";
import { kernelSites } from "./kernel-sites.js";
import { layerGraph } from "./layer-graph.js";
import { setPenalty } from "./layer-losses.js";

/**
 * Has every hyperspherical energy of the model computed by `backend` from the next step on, or by tfjs again where that is `undefined`. It is for
 * loaded models above all, since a file can't hold a backend: `useBackend(model, wasmBackend({ threads: 1 }))`.
 *
 * @returns the model's hyperspherical energies
 * @throws EnergyError `invalid-config` for what isn't a backend, or a model without hyperspherical energy
 */
export function useBackend(model: LayersModel, backend: HostBackend | undefined): readonly HypersphericalEnergy[] {
  const { layers } = layerGraph(model);
  const sites = layers.flatMap(({ layer }) => kernelSites(layer).sites);
  const ofKernels = sites.map((site) => findEnergy(site.regularizer)).filter((found) => found !== undefined);
  const ofActivations = layers.flatMap(({ layer }) => (layer instanceof EnergyLayer ? [layer.energy] : []));
  const regularizers = [...ofKernels, ...ofActivations];
  if (regularizers.length === 0) {
    throw new EnergyError(
      "invalid-config",
      "useBackend: the model has no layer with hyperspherical energy. Regularize it first (regularizeModel).",
    );
  }
  for (const regularizer of regularizers) regularizer.backend = backend;
  if (backend) {
    for (const { layer, variable, regularizer, isRecurrent } of sites) {
      // A recurrent layer's losses are read off its cell each time.
      if (isRecurrent !== undefined) continue;
      if (regularizer && findEnergy(regularizer)) setPenalty(layer, variable, regularizer, true);
    }
    joinPenalties(model);
  }
  return regularizers;
}
