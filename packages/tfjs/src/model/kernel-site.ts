/** A place where neurons are: one kernel of a layer of tfjs, and how a penalty gets onto it. */
import type { Layout } from "@comhe/core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import type { Gate } from "../regularizer/gate.js";
import type { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { Layer } from "./layer-graph.js";

/** A place where a layer has neurons: one kernel, or one gate of a recurrent kernel. */
export interface KernelSite {
  /** The layer. */
  readonly layer: Layer;
  /**
   * The name of the layer's property that holds the kernel: `"kernel"`, `"depthwiseKernel"`, `"pointwiseKernel"`, `"embeddings"` or
   * `"recurrentKernel"`. For recurrent layers the gate is added, and the direction or the cell where there are several:
   * `"backward/kernel[forget]"`, `"cell 1/recurrentKernel"`.
   */
  readonly weight: string;
  /** Which axes of the kernel are neurons. */
  readonly layout: Layout;
  /** The kernel's variable. */
  readonly variable: LayerVariable;
  /** Which gate of the kernel it is; `undefined`: the whole kernel. */
  readonly gate?: Gate | undefined;
  /** Whether the kernel takes what comes from the time step before; absent for layers that aren't recurrent. */
  readonly isRecurrent?: boolean;
  /** The regularizer that the layer has for the kernel, and saves with the model. */
  regularizer: LayerRegularizer | undefined;
  /** Adds an energy beside the regularizer that is there; it is in the model's loss from the next step on. */
  attach(energy: HypersphericalEnergy): void;
}

/** The places where a layer has neurons. */
export interface KernelSites {
  /** The layer's kernels, in the order in which the layer applies them. */
  readonly sites: readonly KernelSite[];
  /** Why a layer that has weights has no sites; absent for layers without neurons of their own. */
  readonly problem?: string;
}
