/** A short run, written down so that another framework can repeat it: initial weights, batches, projection matrices, and what every step came to. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createProgram, type EnergyProgram, neuronAxes } from "@comhe/core";
import type { RegularizedKernel } from "@comhe/tfjs";
import { UserError } from "@comhe-examples/study-kit/worker";
import type { RunLine } from "../command-line.js";
import type { RunConfig } from "../config.js";
import { TrainingBatches } from "../data/batches.js";
import type { CifarData } from "../data/cifar-data.js";
import { HIDDEN_LAYERS, OUTPUT_LAYER } from "../network.js";
import { learningRateAt, recipe } from "../recipe.js";
import { Trainer } from "../training/trainer.js";
import {
  IMAGES_FILE,
  LABELS_FILE,
  MATRICES_FILE,
  RECORDING_FILE,
  type RecordedLayer,
  type RecordedStep,
  type Recording,
  WEIGHTS_FILE,
} from "./recording.js";

/** @throws UserError for a strategy whose matrices depend on the weights (pca), or that has none to hand on */
export async function record(
  data: CifarData,
  config: RunConfig,
  { seed, steps, batch, width, learningRate, augment }: RunLine,
  folder: string,
  onStep: (step: number) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const trainer = new Trainer({ regularize: config.regularize, seed, width, steps, learningRate });
  const open = (name: string) => openSync(join(folder, name), "w");
  const files = { images: open(IMAGES_FILE), labels: open(LABELS_FILE), matrices: open(MATRICES_FILE) };
  try {
    const kernels = [...HIDDEN_LAYERS, OUTPUT_LAYER].map((name) => trainer.model.getLayer(name).getWeights()[0]!);
    writeFileSync(join(folder, WEIGHTS_FILE), Buffer.concat(kernels.map((kernel) => bytesOf(kernel.dataSync()))));
    const programs = trainer.kernels.map((kernel) => programOf(kernel, trainer.model));
    const layers = [...HIDDEN_LAYERS, OUTPUT_LAYER].map((name, n) => layerOf(name, kernels[n]!.shape, trainer.kernels));
    const refreshed = layers.some(({ energy }) => kindOf(energy) === "random");
    const batches = new TrainingBatches(data.training, batch, seed, augment);
    const taken: RecordedStep[] = [];
    for (let step = 0; step < steps; step++) {
      const { pixels, labels } = batches.at(step);
      writeSync(files.images, bytesOf(pixels));
      writeSync(files.labels, labels);
      if (step === 0 || refreshed) {
        for (const program of programs) writeMatrices(files.matrices, program);
      }
      const report = (await trainer.train({ pixels, labels, count: batch }, true))!;
      taken.push({ fit: report.fit, decay: report.decay, energies: trainer.layerEnergies });
      onStep(step + 1);
    }
    const recording: Recording = {
      config: config.name,
      label: config.label,
      batch,
      learningRates: taken.map((_, step) => learningRateAt(step, steps, learningRate)),
      recipe,
      layers,
      refreshed,
      steps: taken,
    };
    writeFileSync(join(folder, RECORDING_FILE), `${JSON.stringify(recording)}\n`);
  } finally {
    for (const file of Object.values(files)) closeSync(file);
    trainer.dispose();
  }
}

const kindOf = (energy: RecordedLayer["energy"]) => (energy?.spec.projection as { kind?: string } | undefined)?.kind;
const REPLAYED = ["none", "random", "angle-preserving", "adversarial"];

function layerOf(name: string, shape: readonly number[], kernels: readonly RegularizedKernel[]): RecordedLayer {
  const kernel = kernels.find(({ layer }) => layer === name);
  if (!kernel) return { name, shape: [...shape] };
  const { spec, weight } = kernel.regularizer;
  const energy = { weight, spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown> };
  const kind = kindOf(energy)!;
  if (!REPLAYED.includes(kind)) {
    throw new UserError(`record: expected one of the projections ${REPLAYED.join(", ")}; got ${kind} in ${name}.`);
  }
  if (kind === "none") return { name, shape: [...shape], energy };
  const { dimension, count } = spec.projection as { readonly dimension: number; readonly count: number };
  const dim = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  return { name, shape: [...shape], energy, matrices: [count, dimension, dim] };
}

interface RecordedProgram {
  readonly program: EnergyProgram;
  readonly count: number;
  readonly dim: number;
}

/** The matrices that the layer's regularizer draws, drawn beside it. */
function programOf({ regularizer, layer }: RegularizedKernel, model: Trainer["model"]): RecordedProgram {
  const { seed, name } = regularizer.state();
  const { shape } = model.getLayer(layer).getWeights()[0]!;
  return { program: createProgram(regularizer.spec, { seed, name }), ...neuronAxes(shape, regularizer.layout) };
}

function writeMatrices(file: number, { program, count, dim }: RecordedProgram): void {
  const { arrays } = program.prepare({ count, dim, rows: () => new Float32Array(count * dim) });
  program.advance(undefined);
  if (arrays.matrices) writeSync(file, bytesOf(Float32Array.from(arrays.matrices.data)));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
