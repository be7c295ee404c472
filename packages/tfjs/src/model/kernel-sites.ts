/** Where the neurons of tfjs layers are: which weight, which of its axes, and which property holds its regularizer. */
import type { Layout } from "@comhe/core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { combineRegularizers } from "../regularizer/combine-regularizers.js";
import type { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { KernelSite, KernelSites } from "./kernel-site.js";
import type { Layer } from "./layer-graph.js";
import { setPenalty } from "./layer-losses.js";
import { recurrentSites } from "./recurrent-sites.js";

/** What a layer class calls its kernel and the kernel's regularizer. */
interface KernelPlace {
  readonly weight: string;
  readonly regularizer: string;
  readonly layout: Layout;
}

const kernel = (layout: Layout): KernelPlace => ({ weight: "kernel", regularizer: "kernelRegularizer", layout });
const depthwise: KernelPlace = {
  weight: "depthwiseKernel",
  regularizer: "depthwiseRegularizer",
  layout: "depthwise",
};
const pointwise: KernelPlace = {
  weight: "pointwiseKernel",
  regularizer: "pointwiseRegularizer",
  layout: "neurons-last",
};
const embeddings: KernelPlace = {
  weight: "embeddings",
  regularizer: "embeddingsRegularizer",
  layout: "neurons-first",
};
/** A transposed convolution's kernel is `[kh, kw, out, in]`. */
const transposed = kernel({ neuronAxes: [-2] });

const places: Readonly<Record<string, readonly KernelPlace[]>> = {
  Dense: [kernel("neurons-last")],
  Conv1D: [kernel("neurons-last")],
  Conv2D: [kernel("neurons-last")],
  Conv3D: [kernel("neurons-last")],
  Conv2DTranspose: [transposed],
  Conv3DTranspose: [transposed],
  DepthwiseConv2D: [depthwise],
  SeparableConv2D: [depthwise, pointwise],
  Embedding: [embeddings],
};

/** Their weights scale and shift single features: there are no neurons to spread. */
const withoutNeurons = new Set(["BatchNormalization", "LayerNormalization", "PReLU"]);

/**
 * Finds the places of a single layer where it has neurons. Nothing is guessed: for a class of layers that isn't known there are none, and a
 * problem says so.
 */
export function kernelSites(layer: Layer): KernelSites {
  const name = layer.getClassName();
  const known = Object.hasOwn(places, name) ? places[name] : undefined;
  if (known) {
    if (!layer.built) return { sites: [], problem: "it has no weights yet: build the layer first" };
    return { sites: known.map((place) => new Site(layer, place)) };
  }
  const recurrent = recurrentSites(layer);
  if (recurrent) return recurrent;
  if (layer.weights.length === 0 || withoutNeurons.has(name)) return { sites: [] };
  return { sites: [], problem: `which axes of its weights are neurons isn't known (class ${name})` };
}

class Site implements KernelSite {
  readonly weight: string;
  readonly layout: Layout;

  constructor(
    readonly layer: Layer,
    private readonly place: KernelPlace,
  ) {
    this.weight = place.weight;
    this.layout = place.layout;
  }

  get variable(): LayerVariable {
    return this.properties[this.place.weight] as LayerVariable;
  }

  get regularizer(): LayerRegularizer | undefined {
    return (this.properties[this.place.regularizer] as LayerRegularizer | null | undefined) ?? undefined;
  }

  set regularizer(regularizer: LayerRegularizer | undefined) {
    this.properties[this.place.regularizer] = regularizer ?? null;
  }

  /** The penalty acts in this model, the property is what is saved. */
  attach(energy: HypersphericalEnergy): void {
    const { regularizer: existing } = this;
    const combined = existing ? combineRegularizers([existing, energy]) : energy;
    setPenalty(this.layer, this.variable, combined, existing !== undefined);
    this.regularizer = combined;
  }

  /** tfjs declares these properties protected, and saves them by name. */
  private get properties(): Record<string, unknown> {
    return this.layer as unknown as Record<string, unknown>;
  }
}
