/** What `suggestWeight` does, loaded when it is asked for: a training run needs it once, and most never. */
import { checkKeys, createProgram, EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { KernelSite } from "../model/kernel-site.js";
import { kernelSites } from "../model/kernel-sites.js";
import { layerGraph } from "../model/layer-graph.js";
import { layerRoles, type Role } from "../model/layer-roles.js";
import { layersNamed } from "../model/layers-named.js";
import type { SkippedLayer } from "../model/regularize-model.js";
import { takeGate } from "../regularizer/gate.js";
import { KernelProgram } from "../regularizer/kernel-program.js";
import { doubtsOf } from "./doubts.js";
import type { KernelToWeigh, SuggestedWeight, SuggestWeightOptions, WeightSuggestion } from "./suggestion.js";
import { type Batch, keepingState, type LossFunction, lossFunctionsOf, taskGradientNorms } from "./task-gradient.js";

interface Probe extends KernelToWeigh {
  readonly doubt: string | undefined;
  readonly site: KernelSite;
  readonly device: KernelProgram;
}

/** See `suggestWeight`. */
export async function weighKernels(model: LayersModel, options: SuggestWeightOptions): Promise<WeightSuggestion> {
  checkKeys("suggestWeight", options ?? {}, ["config", "batches", "share", "layers", "lossFn", "seed"]);
  const { batches, share = 1, lossFn } = options ?? {};
  if (!isIterable(batches)) {
    throw new EnergyError(
      "invalid-config",
      "batches: expected an array (or another iterable) of { x, y } with tensors, such as the first batches of training; got " +
        `${batches === undefined ? "nothing" : typeof batches}.`,
      { path: "batches" },
    );
  }
  if (!(Number.isFinite(share) && share > 0)) {
    throw new EnergyError("invalid-config", `share: expected a positive number, got ${share}.`, { path: "share" });
  }
  const { probes, skipped } = probesOf(model, options);
  const losses = lossFunctionsOf(model, lossFn);
  const rounds: (readonly { readonly task: number; readonly energy: number }[])[] = [];
  try {
    await keepingState(model, async () => {
      for await (const batch of batches) rounds.push(await measure(model, losses, batch, probes));
    });
  } finally {
    for (const { device } of probes) device.dispose();
  }
  if (rounds.length === 0) {
    throw new EnergyError("invalid-config", "batches: expected at least one batch, got none.", { path: "batches" });
  }

  const kernels: SuggestedWeight[] = [];
  probes.forEach(({ layer, weight, role, doubt }, n) => {
    const taskGradient = rounds.map((round) => round[n]!.task);
    const energyGradient = rounds.map((round) => round[n]!.energy);
    const ratios = rounds.map((round) => (share * round[n]!.task) / round[n]!.energy).filter(Number.isFinite);
    if (taskGradient.some(Number.isNaN) || energyGradient.some(Number.isNaN)) throw notFinite(layer, weight);
    if (ratios.length === 0) {
      skipped.push({ layer, weight, reason: "the energy has no gradient: a single neuron, or all of them dead" });
    } else {
      const balanced = median(ratios);
      const verdict = doubt === undefined ? { suggested: balanced } : { doubt };
      kernels.push({ layer, weight, role, ...verdict, balanced, taskGradient, energyGradient });
    }
  });
  return { kernels, byRole: medianByRole(kernels), skipped };
}

function isIterable(batches: Partial<Iterable<Batch> & AsyncIterable<Batch>> | undefined): boolean {
  return typeof batches?.[Symbol.iterator] === "function" || typeof batches?.[Symbol.asyncIterator] === "function";
}

function probesOf(model: LayersModel, { config, layers, seed }: SuggestWeightOptions) {
  const graph = layerGraph(model);
  const isChosen = layers ? layersNamed(graph, layers, "layers") : () => true;
  const roles = layerRoles(graph);
  const doubts = doubtsOf(graph);
  const trainable = new Set(model.trainableWeights);
  const skipped: SkippedLayer[] = [];
  const probes: Probe[] = [];
  for (const placed of graph.layers.filter(isChosen)) {
    const { path: layer } = placed;
    const { sites, problem } = kernelSites(placed.layer);
    if (problem) skipped.push({ layer, reason: problem });
    sites.forEach((site, index) => {
      const { weight, layout } = site;
      const kernel: KernelToWeigh = { layer, weight, role: roles(placed, site, index === sites.length - 1) };
      const energy = typeof config === "function" ? config(kernel) : config;
      if (!energy) skipped.push({ layer, weight, reason: "no config for it" });
      else if (!trainable.has(site.variable)) skipped.push({ layer, weight, reason: "frozen: trainable is false" });
      else {
        const program = createProgram(energy, { seed, name: `${layer}/${weight}` });
        probes.push({
          ...kernel,
          doubt: doubts(placed, site, kernel.role),
          site,
          device: new KernelProgram(program, layout),
        });
      }
    });
  }
  if (probes.length > 0) return { probes, skipped };
  const reasons = skipped.map(({ layer, reason }) => ` "${layer}": ${reason}.`).join("");
  throw new EnergyError("invalid-config", `suggestWeight: the model has no kernel to weigh.${reasons}`);
}

/** Both norms for every probe, on one batch; one read from the device. */
async function measure(model: LayersModel, losses: readonly LossFunction[], batch: Batch, probes: readonly Probe[]) {
  const norms = tf.tidy(() => {
    const task = taskGradientNorms(
      model,
      losses,
      batch,
      probes.map(({ site }) => site),
    );
    const energy = probes.map(({ device, site, layer }) => {
      try {
        return tf.norm(device.step(takeGate(site.variable.read(), site.gate)).gradient);
      } catch (error) {
        if (!EnergyError.isInstance(error)) throw error;
        throw new EnergyError(error.code, `Layer "${layer}": ${error.message}`, { ...error.details, layer }, error);
      }
    });
    return tf.stack([task, tf.stack(energy)]) as tf.Tensor2D;
  });
  const [task, energy] = (await norms.array()) as [number[], number[]];
  norms.dispose();
  return probes.map((_, n) => ({ task: task[n]!, energy: energy[n]! }));
}

function medianByRole(kernels: readonly SuggestedWeight[]): Partial<Record<Role, number>> {
  const roles = [...new Set(kernels.map(({ role }) => role))];
  const medians = roles.map((role) => {
    const told = kernels.flatMap((each) => (each.role === role ? (each.suggested ?? []) : []));
    return [role, told.length === 0 ? undefined : median(told)] as const;
  });
  return Object.fromEntries(medians.filter(([, weight]) => weight !== undefined));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function notFinite(layer: string, weight: string): EnergyError {
  return new EnergyError(
    "non-finite",
    `suggestWeight: the gradient of the loss or of the energy isn't finite for layer "${layer}" (${weight}). Check the ` +
      "batches and the weights.",
    { layer, weight },
  );
}
