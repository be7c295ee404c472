/** A place where neurons are: one kernel of a layer of tfjs, and how a penalty gets onto it. */
import type { Layout } from "@comhe/core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import type { Gate } from "../regularizer/gate.js";
import type { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { Layer } from "./layer-graph.js";

/** One kernel of one layer, or one gate of a recurrent kernel. */
export interface KernelSite {
  readonly layer: Layer;
  /**
   * The weight's property: `"kernel"`, `"depthwiseKernel"`, `"pointwiseKernel"`, `"embeddings"` or `"recurrentKernel"`. Of recurrent layers with the
   * gate, and the direction or the cell where there are several: `"backward/kernel[forget]"`, `"cell 1/recurrentKernel"`.
   */
  readonly weight: string;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** The kernel. */
  readonly variable: LayerVariable;
  /** Which gate of the kernel; `undefined`: all of it. */
  readonly gate?: Gate | undefined;
  /** Whether it takes what comes from the time step before. */
  readonly isRecurrent?: boolean;
  /** What the layer was given, and saves with the model. */
  regularizer: LayerRegularizer | undefined;
  /** Adds an energy to what is there, in the model's loss from the next step on. */
  attach(energy: HypersphericalEnergy): void;
}

/** The kernels of a layer. */
export interface KernelSites {
  /** In the order the layer applies them. */
  readonly sites: readonly KernelSite[];
  /** Why a layer that has weights has no sites; absent for layers without neurons of their own. */
  readonly problem?: string;
}
