/** What `suggestWeight` takes and gives. */
import type { EnergyConfig } from "@comhe/core";
import type { Role } from "../model/layer-roles.js";
import type { LayerChoice } from "../model/layers-named.js";
import type { SkippedLayer } from "../model/regularize-model.js";
import type { Batch, LossFunction } from "./task-gradient.js";

/** A kernel that a config is asked for. */
export interface KernelToWeigh {
  /** The layer's name, after the names of the nested models it lies in, joined by "/". */
  readonly layer: string;
  /** The weight's property, such as `"kernel"`. */
  readonly weight: string;
  readonly role: Role;
}

/** Options of {@link suggestWeight}. */
export interface SuggestWeightOptions {
  /** The energy, or one for each kernel; `undefined` leaves a kernel out. */
  readonly config: EnergyConfig | ((kernel: KernelToWeigh) => EnergyConfig | undefined);
  /** The first few batches of training: tensors as `trainOnBatch` takes them. They stay yours. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** ‖penalty's gradient‖/‖task's gradient‖ that is wanted at each kernel, at the start. Default 1: see {@link suggestWeight}. */
  readonly share?: number | undefined;
  /** Only these layers: names, or functions that say so. */
  readonly layers?: readonly LayerChoice[] | undefined;
  /** Instead of the losses the model was compiled with; for each of its outputs. */
  readonly lossFn?: LossFunction | undefined;
  /** Fixes the projections. Default 0. */
  readonly seed?: number | undefined;
}

/** What was found for one kernel. */
export interface SuggestedWeight extends KernelToWeigh {
  /** Pass it on as the regularizer's `weight`; absent where there is a {@link SuggestedWeight.doubt | doubt}. */
  readonly suggested?: number;
  /** Why no weight is suggested: in networks like this one, equal pulls at the start don't tell which weight works. */
  readonly doubt?: string;
  /** The weight at which the pulls are as asked for, doubted or not: the median over batches of share·‖task‖/‖energy‖. */
  readonly balanced: number;
  /** ‖∂loss/∂kernel‖, batch by batch. */
  readonly taskGradient: readonly number[];
  /** ‖∂energy/∂kernel‖, unweighted, batch by batch: each has the projections of one step. */
  readonly energyGradient: readonly number[];
}

/** What {@link suggestWeight} found. */
export interface WeightSuggestion {
  /** Kernel by kernel, in the model's order. */
  readonly kernels: readonly SuggestedWeight[];
  /** The median over kernels of each role, for `regularizeModel`; without roles whose kernels are all doubted. */
  readonly byRole: Readonly<Partial<Record<Role, number>>>;
  /** What wasn't measured, with the reason. */
  readonly skipped: readonly SkippedLayer[];
}
