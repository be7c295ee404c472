/** Records the energy of every layer while a model trains, and the energy of the unprojected directions beside it. */
import {
  checkKeys,
  createProgram,
  defineEnergy,
  type EnergyConfig,
  EnergyError,
  type EnergyProgram,
  type EnergySpec,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { Callback, type LayersModel } from "@tensorflow/tfjs-layers";
import type { KernelSite } from "../model/kernel-site.js";
import { kernelSites } from "../model/kernel-sites.js";
import { layerGraph } from "../model/layer-graph.js";
import { type LayerChoice, layersNamed } from "../model/layers-named.js";
import { findEnergy } from "../regularizer/find-energy.js";
import { takeGate } from "../regularizer/gate.js";
import { checkBackend, type HostBackend } from "../regularizer/host-program.js";
import { KernelProgram } from "../regularizer/kernel-program.js";
import { countDeadNeurons } from "./kernel-health.js";

/** Options of {@link EnergyMonitor}. */
export interface EnergyMonitorOptions {
  /**
   * Measures every kernel of the model with this energy, whatever it is trained with: for runs without the regularizer,
   * or to compare runs. Random projections are then those of step 0 throughout. Default: each regularized kernel is measured with
   * its own energy, at its current projections.
   */
  readonly config?: EnergyConfig | undefined;
  /** A whole number ≥ 0 that fixes the random projections of `config`. Default 0. */
  readonly seed?: number | undefined;
  /** Computes the energies instead of tfjs. Default: each regularizer's own backend; with `config` tfjs computes. */
  readonly backend?: HostBackend | undefined;
  /** Measures these layers only: their names, or functions that say which. Default: all. */
  readonly layers?: readonly LayerChoice[] | undefined;
  /** Measures every so many epochs, and at the last one. Default 1. */
  readonly every?: number | undefined;
  /** Called with a line of text for each record; `console.log` will do. Default: nothing is written. */
  readonly log?: ((line: string) => void) | undefined;
}

/** What was measured of one kernel after one epoch. */
export interface EnergyRecord {
  /** The epoch, as tfjs counts it, from 0; the record before the first epoch has −1. */
  readonly epoch: number;
  /** The layer's name, after the names of the nested models it lies in, joined by "/". */
  readonly layer: string;
  /** The name of the layer's property that holds the kernel, `"kernel"` say. */
  readonly weight: string;
  /** The energy at the current projections, without the regularizer's weight. */
  readonly energy: number;
  /** The energy with the same potential and space, without projection. */
  readonly unprojected: number;
  /** How many neurons are zero. They have no direction. */
  readonly deadNeurons: number;
}

interface Probe {
  readonly layer: string;
  readonly site: KernelSite;
  readonly spec: EnergySpec;
  /** Inside a tidy: the energy at the current projections. */
  readonly energy: (kernel: tf.Tensor) => tf.Scalar;
  readonly backend: HostBackend | undefined;
}

/**
 * A callback for `model.fit`, `callbacks: [new EnergyMonitor()]`, that measures the energies of the model's layers. It fills `history`, and adds
 * `energy/<layer>` and `unprojected/<layer>` to the logs of the epoch, which tfjs keeps in the history that `fit` returns (`<layer>/<weight>`
 * for layers with several kernels). Measuring ends no step of the regularizers: training goes the same way with and without it.
 */
export class EnergyMonitor extends Callback {
  /** Every record so far. */
  readonly history: EnergyRecord[] = [];
  private readonly options: EnergyMonitorOptions;
  private readonly every: number;
  private warned = false;

  /**
   * Measures nothing yet: `fit` calls it.
   *
   * @throws EnergyError `invalid-config` for wrong options
   */
  constructor(options: EnergyMonitorOptions = {}) {
    super();
    checkKeys("EnergyMonitor", options, ["config", "seed", "backend", "layers", "every", "log"]);
    const { config, every = 1 } = options;
    checkBackend(options.backend);
    if (!Number.isInteger(every) || every < 1) {
      throw new EnergyError("invalid-config", `every: expected a whole number ≥ 1, got ${every}.`, { path: "every" });
    }
    this.every = every;
    this.options = config ? { ...options, config: defineEnergy(config) } : options;
  }

  /**
   * Measures now, for loops over `trainOnBatch`.
   *
   * @returns the new records, which `history` holds as well
   * @throws EnergyError `non-finite` naming layer and neuron; `invalid-config` where no kernel is regularized and no
   *   `config` is given
   */
  async record(model: LayersModel, epoch: number): Promise<readonly EnergyRecord[]> {
    const records: EnergyRecord[] = [];
    const probes = this.probes(model);
    this.warnOfIdlePenalties(probes);
    for (const probe of probes) records.push(await measure(probe, epoch));
    this.history.push(...records);
    for (const record of records) this.options.log?.(describe(record));
    return records;
  }

  /** Called by `fit`: measures before the first epoch. */
  override async onTrainBegin(): Promise<void> {
    const { initialEpoch = 0 } = this.params as { readonly initialEpoch?: number };
    await this.record(this.model, initialEpoch - 1);
  }

  /** Called by `fit`: measures, and adds to the logs. */
  override async onEpochEnd(epoch: number, logs?: Record<string, number | tf.Scalar>): Promise<void> {
    const { epochs } = this.params as { readonly epochs?: number };
    if (epoch % this.every !== 0 && epoch + 1 !== epochs) return;
    const records = await this.record(this.model, epoch);
    if (!logs) return;
    for (const { layer, weight, energy, unprojected } of records) {
      const several = records.some((other) => other.layer === layer && other.weight !== weight);
      const key = several ? `${layer}/${weight}` : layer;
      logs[`energy/${key}`] = energy;
      logs[`unprojected/${key}`] = unprojected;
    }
  }

  /** tfjs adds penalties in its own loops alone: in another one, without this, an energy that isn't there looks like one that doesn't help. */
  private warnOfIdlePenalties(probes: readonly Probe[]): void {
    const steps = probes.map(({ site }) => findEnergy(site.regularizer)?.step ?? 0);
    const isFirst = this.history.length === 0;
    if (this.warned || isFirst || this.options.config || steps.some((step) => step > 0)) return;
    this.warned = true;
    console.warn(
      "EnergyMonitor: no training step has added the energies to the loss since the last record. `fit` and `trainOnBatch` add them; " +
        "a loop of your own adds modelPenalty(model) to its loss.",
    );
  }

  private probes(model: LayersModel): readonly Probe[] {
    const { layers, config, seed, backend } = this.options;
    const graph = layerGraph(model);
    const isChosen = layers ? layersNamed(graph, layers, "layers") : () => true;
    const probes = graph.layers.filter(isChosen).flatMap(({ layer, path }) =>
      kernelSites(layer).sites.flatMap((site): Probe[] => {
        if (config) {
          const program = createProgram(config, { seed, name: `${path}/${site.weight}` });
          const energy = (kernel: tf.Tensor) => energyOnce(program, site, kernel, backend);
          return [{ layer: path, site, spec: program.spec, energy, backend }];
        }
        const regularizer = findEnergy(site.regularizer);
        if (!regularizer) return [];
        const energy = (kernel: tf.Tensor) => regularizer.energy(kernel, backend);
        return [{ layer: path, site, spec: regularizer.spec, energy, backend: backend ?? regularizer.backend }];
      }),
    );
    if (probes.length > 0) return probes;
    throw new EnergyError(
      "invalid-config",
      "EnergyMonitor: no kernel to measure. Regularize the model first (regularizeModel), or pass `config` to measure " +
        "kernels that aren't regularized.",
    );
  }
}

async function measure({ layer, site, spec, energy, backend }: Probe, epoch: number): Promise<EnergyRecord> {
  const { variable, weight, layout, gate } = site;
  const kernel = variable.read();
  const matrix = gate ? tf.tidy(() => takeGate(kernel, gate)) : kernel;
  const data = (await matrix.data()) as Float32Array;
  const deadNeurons = countDeadNeurons({ data, shape: matrix.shape, layout }, layer, weight);
  const scalars = tf.tidy(() => {
    const unprojected = createProgram({ ...spec, projection: { kind: "none" } });
    return [energy(kernel), energyOnce(unprojected, site, kernel, backend)] as const;
  });
  if (gate) matrix.dispose();
  const [projected, unprojected] = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]!));
  tf.dispose([...scalars]);
  const record = { epoch, layer, weight, energy: projected!, unprojected: unprojected!, deadNeurons };
  if (Number.isFinite(record.energy) && Number.isFinite(record.unprojected)) return record;
  throw new EnergyError(
    "non-finite",
    `Layer "${layer}": its weights are finite, but the energy of its ${weight} is ${projected} (unprojected ` +
      `${unprojected}). Check the scale of the weights: rows of norm below about 1e-30 overflow float32.`,
    { layer, weight, energy: projected, unprojected },
  );
}

/** For a program used once: what it uploads is freed at once. */
function energyOnce(
  program: EnergyProgram,
  { layout, gate }: KernelSite,
  kernel: tf.Tensor,
  backend: HostBackend | undefined,
): tf.Scalar {
  const device = new KernelProgram(program, layout, backend);
  try {
    return device.energy(takeGate(kernel, gate));
  } finally {
    device.dispose();
  }
}

function describe({ epoch, layer, weight, energy, unprojected, deadNeurons }: EnergyRecord): string {
  const when = epoch < 0 ? "before" : `epoch ${epoch}`;
  const dead = deadNeurons > 0 ? `, ${deadNeurons} dead neurons` : "";
  return `${when}: ${layer}/${weight} energy ${energy.toPrecision(5)}, unprojected ${unprojected.toPrecision(5)}${dead}`;
}
