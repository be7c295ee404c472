/** Where the neurons of tfjs layers are: which weight, which of its axes, and which property holds its regularizer. */
import type { Layout } from "@comhe/core";
import { type LayerVariable, RNN } from "@tensorflow/tfjs-layers";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { Layer } from "./layer-graph.js";

/** What a layer class calls its kernel and the kernel's regularizer. */
interface KernelPlace {
  readonly weight: string;
  readonly regularizer: string;
  readonly layout: Layout;
}

/** One kernel of one layer. */
export interface KernelSite {
  readonly layer: Layer;
  /** The weight's property: `"kernel"`, `"depthwiseKernel"`, `"pointwiseKernel"` or `"embeddings"`. */
  readonly weight: string;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** The kernel. */
  readonly variable: LayerVariable;
  /** What the layer was given, and saves with the model. */
  regularizer: LayerRegularizer | undefined;
}

/** The kernels of a layer. */
export interface KernelSites {
  /** In the order the layer applies them. */
  readonly sites: readonly KernelSite[];
  /** Why a layer that has weights has no sites; absent for layers without neurons of their own. */
  readonly problem?: string;
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
 * The kernels of a single layer (for models see `layerGraph`). Nothing is guessed: a class that isn't known gets no
 * site and a problem.
 */
export function kernelSites(layer: Layer): KernelSites {
  const name = layer.getClassName();
  const known = Object.hasOwn(places, name) ? places[name] : undefined;
  if (known) {
    if (!layer.built) return { sites: [], problem: "it has no weights yet: build the layer first" };
    return { sites: known.map((place) => new Site(layer, place)) };
  }
  if (layer instanceof RNN || name === "Bidirectional") {
    return {
      sites: [],
      problem: `a recurrent neuron's weights are spread over several kernels, with gates side by side (class ${name})`,
    };
  }
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

  /** tfjs declares these properties protected, and saves them by name. */
  private get properties(): Record<string, unknown> {
    return this.layer as unknown as Record<string, unknown>;
  }
}
