/**
 * The energy of any tensor as a term of a loss: of the embeddings of a batch, of the tokens of a sentence, of a matrix in a layer of the
 * user's own. A function of its arguments alone, differentiable once, with the closed-form gradients that kernels have.
 */
import {
  checkKeys,
  checkLayout,
  createProgram,
  defineEnergy,
  type EnergyConfig,
  EnergyError,
  type EnergyProgram,
  type EnergySpec,
  type Layout,
  neuronAxes,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { tfjsBackend } from "../backend/tfjs-backend.js";
import { firstDerivative, isDifferentiated, isWithinAnotherGradient } from "../regularizer/first-derivative.js";
import { checkBackend, type HostBackend } from "../regularizer/host-program.js";
import { KernelProgram } from "../regularizer/kernel-program.js";
import { warnOfFewDimensions, warnOnce } from "../warning/few-dimensions.js";

/** Options of {@link energyOf}. */
export interface EnergyOfOptions {
  /**
   * A whole number ≥ 0 that says at which step the energy is taken: it chooses the random projections and the sampled rows. Count your steps and
   * pass them. Default 0.
   */
  readonly step?: number | undefined;
  /** A whole number ≥ 0 that fixes the random projections. Default 0. */
  readonly seed?: number | undefined;
  /** Tells the random projections of several tensors with one seed apart: the tensor's name, say. Default "". */
  readonly name?: string | undefined;
  /**
   * Which axes of the tensor count its points; the tensor is then one set of points, of whatever rank. Default: the rows of a matrix, and a
   * tensor of rank 3 is a batch of matrices.
   */
  readonly layout?: Layout | undefined;
  /**
   * Computes the energy instead of tfjs: any backend of core's that computes synchronously, `wasmBackend({ threads: 1 })` of `@comhe/wasm`
   * for one, where tfjs keeps its tensors in host memory.
   */
  readonly backend?: HostBackend | undefined;
}

/** Strategies whose host half looks at neither rows nor earlier steps: prepared once for all sets of a batch. */
const sharedByBatch = new Set(["none", "fixed", "random", "group", "bilateral"]);

/**
 * The energy of the rows of a matrix, a differentiable scalar: `tf.add(loss, tf.mul(weight, energyOf(embeddings, { potential: … }, { step })))`.
 *
 * Of a tensor of rank 3, `[batch, N, d]`, it is the energy of each matrix, `[batch]`, all under the same projection matrices: the tokens of
 * each sentence, the views of each image. With `layout` the tensor is one set of points, as a kernel is.
 *
 * It keeps nothing: the same arguments give the same numbers. Random projections follow `step`, as `refresh` says. Projections that are
 * improved from step to step (`adversarial`, `angle-preserving`) begin anew at every call; `hypersphericalEnergy({ …, layout:
 * "neurons-first" }).apply(tensor)` and {@link energyLayer} carry them on.
 *
 * @param tensor float32, `[N, d]` or `[batch, N, d]`
 * @param config the energy; what {@link defineEnergy} made isn't validated again
 * @throws EnergyError `invalid-config`; `invalid-shape` where rank, layout or projection don't fit the tensor; `unsupported` where its second
 *   derivative is asked for. NaN and ±Infinity in the tensor give NaN, since looking would wait for the device
 */
export function energyOf(
  tensor: tf.Tensor,
  config: EnergyConfig | EnergySpec,
  options: EnergyOfOptions = {},
): tf.Tensor {
  const { layout, isBatch } = checkArguments(tensor, options);
  const spec = defineEnergy(config, { warn: warnOnce });
  const shape = isBatch ? tensor.shape.slice(1) : tensor.shape;
  warnOfFewDimensions(spec, neuronAxes(shape, layout).dim);
  const backend = checkBackend(options.backend);
  const make = () => new KernelProgram(programAt(spec, options), layout, backend);
  const evaluate = (x: tf.Tensor): Evaluated => {
    const one = (on: KernelProgram, rows: tf.Tensor) =>
      isDifferentiated() ? on.evaluate(rows) : { energy: on.energy(rows) };
    return isBatch ? batchEnergies(x, spec, make, one) : once(make(), (on) => one(on, x));
  };
  return tf.tidy(() => {
    if (!isDifferentiated()) return evaluate(tensor).energy;
    const bound = tf.customGrad((x, save) => {
      const { energy, gradient } = evaluate(x as tf.Tensor);
      const isTwice = isWithinAnotherGradient();
      (save as tf.GradSaveFunc)(isTwice ? [gradient!, x as tf.Tensor] : [gradient!]);
      return {
        value: energy,
        gradFunc: (dy: tf.Tensor, [saved, at]: tf.Tensor[]) =>
          tf.mul(isTwice ? firstDerivative(at!, saved!) : saved!, isBatch ? tf.reshape(dy, [-1, 1, 1]) : dy),
      };
    });
    return bound(tensor);
  });
}

/** An energy, or one for each matrix of a batch; without gradients where nobody takes any, at a third of the cost. */
interface Evaluated {
  readonly energy: tf.Tensor;
  readonly gradient?: tf.Tensor;
}

/** A program that stands at the step it is asked for. */
function programAt(spec: EnergySpec, { step = 0, seed, name }: EnergyOfOptions): EnergyProgram {
  const program = createProgram(spec, { seed, name });
  if (step !== 0) program.restore({ ...program.state(), step });
  return program;
}

/** What the call put on the device goes with it. */
function once<R>(on: KernelProgram, body: (on: KernelProgram) => R): R {
  try {
    return body(on);
  } finally {
    on.dispose();
  }
}

/** Energies `[batch]` and gradients of the matrices of a batch. */
function batchEnergies(
  x: tf.Tensor,
  spec: EnergySpec,
  make: () => KernelProgram,
  one: (on: KernelProgram, rows: tf.Tensor) => Evaluated,
): Evaluated {
  const [batch, count] = x.shape as [number, number, number];
  const { potential, projection, sample = count, separationFloor, space, normEpsilon } = spec;
  const shared = make();
  return once(shared, () => {
    const isPlain = !("compose" in projection) && projection.kind === "none" && sample >= count;
    if (potential && isPlain && !shared.hostBackend && separationFloor > 0) {
      // Without a projection the backend takes all matrices in one operation.
      const backend = tfjsBackend();
      const pair = { potential, space, separationFloor };
      const directions = backend.directions(x, normEpsilon);
      return isDifferentiated()
        ? backend.pairwise(directions, pair)
        : backend.pairwise(directions, pair, { gradient: false });
    }
    const isShared = !("compose" in projection) && sharedByBatch.has(projection.kind);
    const each = Array.from({ length: batch }, (_, n) => {
      const matrix = tf.reshape(tf.slice(x, [n, 0, 0], [1, -1, -1]), x.shape.slice(1));
      return isShared ? one(shared, matrix) : once(make(), (on) => one(on, matrix));
    });
    const energy = tf.stack(each.map((of) => of.energy));
    return isDifferentiated() ? { energy, gradient: tf.stack(each.map((of) => of.gradient!)) } : { energy };
  });
}

function checkArguments(
  tensor: tf.Tensor,
  options: EnergyOfOptions,
): { readonly layout: Layout; readonly isBatch: boolean } {
  checkKeys("energyOf", options, ["step", "seed", "name", "layout", "backend"]);
  if (!(tensor instanceof tf.Tensor)) {
    const got = tensor === null ? "null" : typeof tensor;
    throw new EnergyError(
      "invalid-config",
      `energyOf: expected a tensor of the @tensorflow/tfjs-core that @comhe/tfjs uses, got ${got}. For numbers on the host there is ` +
        "energyAndGradient of @comhe/core.",
      { path: "tensor" },
    );
  }
  const { dtype, shape } = tensor;
  if (dtype !== "float32") {
    throw new EnergyError(
      "invalid-config",
      `energyOf: expected a tensor of dtype float32, got ${dtype}. Cast it first.`,
      {
        path: "tensor",
      },
    );
  }
  const { step = 0, layout } = options;
  if (!Number.isSafeInteger(step) || step < 0) {
    const got = typeof step === "number" ? step : JSON.stringify(step);
    throw new EnergyError("invalid-config", `energyOf: step: expected a whole number ≥ 0, got ${got}.`, {
      path: "step",
    });
  }
  if ((layout ?? null) !== null) return { layout: checkLayout(layout as Layout), isBatch: false };
  if (shape.length === 2 || shape.length === 3) return { layout: "neurons-first", isBatch: shape.length === 3 };
  throw new EnergyError(
    "invalid-shape",
    `energyOf: expected [points, dimension] or [batch, points, dimension], got [${shape.join(", ")}]. Reshape it, or say which axes count ` +
      'the points: layout "neurons-first", "neurons-last" or { neuronAxes: [...] }.',
  );
}
