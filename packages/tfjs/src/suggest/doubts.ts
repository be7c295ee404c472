/** Where equal pulls at the start say nothing of the weight that works: rules of thumb, from the sweeps of `examples/regimes`. */
import { neuronAxes } from "@comhe/core";
import type { KernelSite } from "../model/kernel-site.js";
import { kernelSites } from "../model/kernel-sites.js";
import type { LayerGraph, PlacedLayer } from "../model/layer-graph.js";
import type { Role } from "../model/layer-roles.js";

/** From so many layers with kernels, one behind another, a network counts as deep. */
const DEEP = 4;

const normalizations = new Set(["BatchNormalization", "LayerNormalization"]);

/** @returns the reason why no weight can be suggested for a kernel, if there is one */
export function doubtsOf({
  layers,
}: LayerGraph): (placed: PlacedLayer, site: KernelSite, role: Role) => string | undefined {
  // Layers with kernels on the longest way to each layer: queries and keys side by side are one.
  const depths = new Map<PlacedLayer, number>();
  for (const placed of layers) {
    const before = [...placed.before].map((each) => depths.get(each) ?? 0);
    depths.set(placed, Math.max(0, ...before) + (kernelSites(placed.layer).sites.length > 0 ? 1 : 0));
  }
  const depth = Math.max(0, ...depths.values());
  const normalized = new Set(
    layers.filter(({ layer }) => normalizations.has(layer.getClassName())).flatMap(({ before }) => [...before]),
  );
  return (placed, { variable, layout, gate }, role) => {
    if (role === "output") {
      return "it is an output layer, whose neurons are the classes: nothing was gained there at any weight";
    }
    if (depth < DEEP) {
      return `the network has ${depth} layer(s) with kernels, one behind another: in shallow networks nothing was gained at any weight`;
    }
    if (normalized.has(placed)) {
      return "its outputs are normalized, so that the task's pull depends on how long the kernel happens to be: the weights that worked were smaller";
    }
    const { count, dim } = neuronAxes(variable.shape as readonly number[], layout);
    const neurons = gate ? count / gate.count : count;
    if (neurons > dim) {
      return `it has more neurons (${neurons}) than dimensions (${dim}): they can't all be apart, and no weight was told from none`;
    }
    return undefined;
  };
}
