/** What `suggestWeight` takes and gives. */
import type { EnergyConfig } from "@comhe/core";
import type { Role } from "../model/layer-roles.js";
import type { LayerChoice } from "../model/layers-named.js";
import type { SkippedLayer } from "../model/regularize-model.js";
import type { Batch, LossFunction } from "./task-gradient.js";

/** A kernel for which a weight is wanted. */
export interface KernelToWeigh {
  /** The layer's name, after the names of the nested models it lies in, joined by "/". */
  readonly layer: string;
  /** The name of the layer's property that holds the kernel, `"kernel"` say. */
  readonly weight: string;
  /** Where the kernel lies in the model. */
  readonly role: Role;
}

/** Options of {@link suggestWeight}. */
export interface SuggestWeightOptions {
  /** The energy that all kernels are to have, or a function that says which energy a kernel is to have; `undefined` leaves a kernel out. */
  readonly config: EnergyConfig | ((kernel: KernelToWeigh) => EnergyConfig | undefined);
  /** The first few batches of training: tensors as `trainOnBatch` takes them. They stay yours. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** How large the penalty's gradient is to be at each kernel at the start, as a multiple of the task's: ‖penalty‖/‖task‖. Default 1. */
  readonly share?: number | undefined;
  /** Looks at these layers only: their names, or functions that say which. Default: all. */
  readonly layers?: readonly LayerChoice[] | undefined;
  /** The loss of each of the model's outputs. Default: the losses that the model was compiled with. */
  readonly lossFn?: LossFunction | undefined;
  /** A whole number ≥ 0 that fixes the random projections. Default 0. */
  readonly seed?: number | undefined;
}

/** What was found for one kernel. */
export interface SuggestedWeight extends KernelToWeigh {
  /** The suggested `weight` of the regularizer; absent where there is a {@link SuggestedWeight.doubt | doubt}. */
  readonly suggested?: number;
  /** Why no weight is suggested: in networks like this one, equal pulls at the start don't tell which weight works. */
  readonly doubt?: string;
  /** The weight at which the gradients are as asked for, doubted or not: the median over batches of share·‖task‖/‖energy‖. */
  readonly balanced: number;
  /** The norm of the task's gradient, ‖∂loss/∂kernel‖, batch by batch. */
  readonly taskGradient: readonly number[];
  /** The norm of the energy's gradient, ‖∂energy/∂kernel‖, without a weight, batch by batch: each has the projections of one step. */
  readonly energyGradient: readonly number[];
}

/** What {@link suggestWeight} found. */
export interface WeightSuggestion {
  /** What was found for each kernel, in the model's order. */
  readonly kernels: readonly SuggestedWeight[];
  /** For each role the median of the suggested weights, for `regularizeModel`; without roles whose kernels are all doubted. */
  readonly byRole: Readonly<Partial<Record<Role, number>>>;
  /** Layers and kernels that weren't measured, with the reasons. */
  readonly skipped: readonly SkippedLayer[];
}
