/** Adds hyperspherical energy to the layers of a model as the authors of CoMHE do. */
import { checkKeys, EnergyError } from "@comhe/core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { findEnergy } from "../regularizer/find-energy.js";
import type { HostBackend } from "../regularizer/host-program.js";
import { HypersphericalEnergy, type HypersphericalEnergyOptions } from "../regularizer/hyperspherical-energy.js";
import { joinPenalties } from "./joint-penalty.js";
import type { KernelSite } from "./kernel-site.js";
import { kernelSites } from "./kernel-sites.js";
import { type Layer, layerGraph, type PlacedLayer } from "./layer-graph.js";
import { layerRoles, type Role } from "./layer-roles.js";
import { layersNamed } from "./layers-named.js";

/** Options of the energies of one role's kernels: those of {@link hypersphericalEnergy} but for what each layer decides. */
export type RoleOptions = Partial<Omit<HypersphericalEnergyOptions, "layout" | "gate" | "name" | "seed" | "backend">>;

/** Options of {@link regularizeModel}. */
export interface RegularizeModelOptions {
  /**
   * The energy of every kernel that is neither first nor output; `false` leaves those kernels alone. Your keys replace those of the default
   * `{ space: "half", potential: { kind: "riesz", s: 2 }, projection: { kind: "random", dimension: 30, count: 20 }, weight: 1 }`, the authors'
   * settings on CIFAR-100.
   */
  readonly hidden?: RoleOptions | false | undefined;
  /**
   * The energy of the last kernel before each output of the model; `false` leaves those kernels alone. Your keys replace those of the default
   * `{ space: "full", potential: { kind: "riesz", s: 2 }, projection: { kind: "none" }, weight: 10 }`.
   */
  readonly output?: RoleOptions | false | undefined;
  /**
   * What kernels get that have no other kernel before them: the energy of `hidden` without its projection (`unprojected`, the default, as in the
   * authors' code, whose first layer has three input channels), exactly the energy of `hidden` (`projected`), or none (`skip`).
   */
  readonly first?: "unprojected" | "projected" | "skip" | undefined;
  /** Layers to leave alone: their names (a nested model's name stands for all of its layers), or functions that say which. Default: none. */
  readonly skip?: readonly (string | ((layer: Layer) => boolean))[] | undefined;
  /** A whole number ≥ 0 that fixes the random projections of all layers. Default 0. */
  readonly seed?: number | undefined;
  /** Computes the energies instead of tfjs: see {@link HypersphericalEnergyOptions.backend}. Default: tfjs computes. */
  readonly backend?: HostBackend | undefined;
}

/** A kernel that got a regularizer. */
export interface RegularizedKernel {
  /** The layer's name, after the names of the nested models it lies in, joined by "/". */
  readonly layer: string;
  /** The name of the layer's property that holds the kernel, `"kernel"` say; for a recurrent layer with the gate, `"recurrentKernel[forget]"`. */
  readonly weight: string;
  /** Where the kernel lies in the model, which decided what it got. */
  readonly role: Role;
  /** The regularizer that it got. */
  readonly regularizer: HypersphericalEnergy;
}

/** A layer, or one of its weights, that was left alone. */
export interface SkippedLayer {
  /** The layer's name, after the names of the nested models it lies in, joined by "/". */
  readonly layer: string;
  /** The name of the layer's property that holds the weight; absent where the whole layer is left alone. */
  readonly weight?: string;
  /** Why it was left alone, in words. */
  readonly reason: string;
}

/** What {@link regularizeModel} did. */
export interface RegularizeReport {
  /** The kernels that got a regularizer, in the model's order. */
  readonly regularized: readonly RegularizedKernel[];
  /** What was left alone, with the reasons. */
  readonly skipped: readonly SkippedLayer[];
}

/** The authors' settings on CIFAR-100 (Lin et al. 2020 and their code): s = 2, random projections k ≈ 30, C = 20. */
const defaults = {
  hidden: {
    potential: { kind: "riesz", s: 2 },
    space: "half",
    projection: { kind: "random", dimension: 30, count: 20 },
    weight: 1,
  },
  output: { potential: { kind: "riesz", s: 2 }, space: "full", projection: { kind: "none" }, weight: 10 },
} as const satisfies Record<string, RoleOptions>;

/** A site and what it gets, decided before anything is changed. */
interface Plan {
  readonly site: KernelSite;
  readonly report: RegularizedKernel;
}

/**
 * Gives every kernel of the model a hyperspherical energy of its own, named after its layer, so that their random projections differ.
 * A regularizer a layer already has (weight decay, say) stays beside it. The regularizers act from the next training
 * step on, whether the model is compiled or not, and are saved with it. Nothing is changed if this throws.
 *
 * A layer applied several times in the model is penalized as often, as with every tfjs regularizer.
 *
 * @throws EnergyError `invalid-config`: an unknown name in `skip`, a layer that already has hyperspherical energy, a
 *   model without kernels, a config that is wrong or doesn't fit a layer's shape (the message names the layer)
 */
export function regularizeModel(model: LayersModel, options: RegularizeModelOptions = {}): RegularizeReport {
  checkOptions(options);
  const graph = layerGraph(model);
  const isSkipped = layersNamed(graph, options.skip ?? [], "skip");
  const roles = layerRoles(graph);
  const trainable = new Set(model.trainableWeights);
  const plans: Plan[] = [];
  const skipped: SkippedLayer[] = [];
  let kernels = 0;

  for (const placed of graph.layers) {
    const { sites, problem } = kernelSites(placed.layer);
    kernels += sites.length;
    if (isSkipped(placed)) {
      skipped.push({ layer: placed.path, reason: "named in skip" });
      continue;
    }
    if (problem) skipped.push({ layer: placed.path, reason: problem });
    sites.forEach((site, index) => {
      const role = roles(placed, site, index === sites.length - 1);
      const left = leftOut(role, options) ?? (trainable.has(site.variable) ? undefined : "frozen: trainable is false");
      if (left) skipped.push({ layer: placed.path, weight: site.weight, reason: left });
      else plans.push(plan(placed, site, role, options));
    });
  }
  if (kernels === 0) throw noKernels(skipped);
  for (const { site, report } of plans) site.attach(report.regularizer);
  if (options.backend) joinPenalties(model);
  return { regularized: plans.map(({ report }) => report), skipped };
}

/** @returns the reason why kernels of this role are left alone, if they are */
function leftOut(role: Role, { hidden, output, first }: RegularizeModelOptions): string | undefined {
  if (role === "output") return output === false ? "output: false" : undefined;
  if (role === "first" && first === "skip") return 'first: "skip"';
  return hidden === false ? "hidden: false" : undefined;
}

function plan(placed: PlacedLayer, site: KernelSite, role: Role, options: RegularizeModelOptions): Plan {
  const { path } = placed;
  if (findEnergy(site.regularizer)) {
    throw new EnergyError(
      "invalid-config",
      `Layer "${path}": its ${site.weight} already has hyperspherical energy. Name the layer in skip, or leave the ` +
        "regularizer out of the layer's config.",
      { layer: path, weight: site.weight },
    );
  }
  const { layout, weight, gate } = site;
  // A built weight has no free axes.
  const shape = site.variable.shape as readonly number[];
  const name = `${path}/${weight}`;
  const settings = { ...settingsOf(role, options), layout, gate, name, seed: options.seed, backend: options.backend };
  try {
    const regularizer = new HypersphericalEnergy(settings);
    regularizer.check(shape);
    return { site, report: { layer: path, weight, role, regularizer } };
  } catch (error) {
    if (!EnergyError.isInstance(error)) throw error;
    const message = `Layer "${path}", ${weight} of shape [${shape.join(", ")}], ${role}: ${error.message}`;
    throw new EnergyError(error.code, message, { ...error.details, layer: path, weight, role }, error);
  }
}

function settingsOf(role: Role, { hidden, output, first }: RegularizeModelOptions) {
  if (role === "output") return { ...defaults.output, ...definedOf(output) };
  const settings = { ...defaults.hidden, ...definedOf(hidden) };
  if (role === "hidden" || first === "projected") return settings;
  return { ...settings, projection: { kind: "none" } as const };
}

/** A key set to undefined asks for the default. */
function definedOf(options: RoleOptions | false | undefined): RoleOptions {
  return Object.fromEntries(Object.entries(options || {}).filter(([, value]) => value !== undefined));
}

function checkOptions(options: RegularizeModelOptions): void {
  checkKeys("regularizeModel", options, ["hidden", "output", "first", "skip", "seed", "backend"]);
  const { first = "unprojected" } = options;
  if (!["unprojected", "projected", "skip"].includes(first)) {
    throw new EnergyError(
      "invalid-config",
      `first: expected "unprojected", "projected" or "skip", got ${JSON.stringify(first)}.`,
      { path: "first" },
    );
  }
}

function noKernels(skipped: readonly SkippedLayer[]): EnergyError {
  const reasons = skipped.map(({ layer, reason }) => ` "${layer}": ${reason}.`).join("");
  return new EnergyError(
    "invalid-config",
    `The model has no layer with a kernel of neurons (Dense, Conv, DepthwiseConv2D, SeparableConv2D, Embedding, SimpleRNN, GRU, LSTM).${reasons}`,
  );
}
