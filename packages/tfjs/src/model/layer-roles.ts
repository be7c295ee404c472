/** Which kernels of a model are first, which are its outputs, and which lie between. */
import type { KernelSite } from "./kernel-site.js";
import { kernelSites } from "./kernel-sites.js";
import type { LayerGraph, PlacedLayer } from "./layer-graph.js";

/** Where a kernel lies in its model: `first` has no other kernel before it, `output` none after it, `hidden` lies between. */
export type Role = "first" | "hidden" | "output";

/**
 * @returns the role of a kernel, given whether it is the last one of its layer. A recurrent layer's kernels are never outputs, wherever it stands:
 *   their neurons are its state, and no classes
 */
export function layerRoles(graph: LayerGraph): (placed: PlacedLayer, site: KernelSite, isLast: boolean) => Role {
  const outputs = lastKernels(graph);
  const after = afterKernels(graph);
  return (placed, { isRecurrent, weight }, isLast) => {
    const [first] = kernelSites(placed.layer).sites;
    if (isRecurrent === undefined) {
      if (outputs.has(placed) && isLast) return "output";
      return weight === first?.weight && !after.has(placed) ? "first" : "hidden";
    }
    const isBehindAnother = isRecurrent || after.has(placed) || /cell [1-9]/.test(weight);
    return isBehindAnother ? "hidden" : "first";
  };
}

/** Layers with kernels of some kind, placed or not: a trace from the outputs or the inputs ends there. */
function holdsKernels({ layer }: PlacedLayer): boolean {
  const { sites, problem } = kernelSites(layer);
  return sites.length > 0 || problem !== undefined;
}

/** The last layers with kernels on every path to an output, through activations, pooling, normalization and the like. */
function lastKernels({ outputs }: LayerGraph): ReadonlySet<PlacedLayer> {
  const last = new Set<PlacedLayer>();
  const seen = new Set<PlacedLayer>();
  const open = [...outputs];
  for (let placed = open.pop(); placed; placed = open.pop()) {
    if (seen.has(placed)) continue;
    seen.add(placed);
    if (holdsKernels(placed)) last.add(placed);
    else open.push(...placed.before);
  }
  return last;
}

/** The layers that have one with kernels somewhere before them. */
function afterKernels({ layers }: LayerGraph): ReadonlySet<PlacedLayer> {
  const after = new Set<PlacedLayer>();
  // Layers come after those they depend on.
  for (const placed of layers) {
    if ([...placed.before].some((source) => after.has(source) || holdsKernels(source))) after.add(placed);
  }
  return after;
}
