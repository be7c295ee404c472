/**
 * The energy of a kernel on a backend that computes on the host: the kernel is read, its energy and gradient come back as
 * numbers. Where the tfjs engine keeps its tensors in host memory (cpu, wasm) reading costs next to nothing, and for the
 * small layers of which there are many the tensor operations it replaces cost more than their arithmetic.
 */
import {
  type Backend,
  EnergyError,
  type EnergyProgram,
  fromNeurons,
  type Layout,
  type MaybePromise,
  neuronAxes,
  type ProgramResult,
  runEnergyOn,
  runProgramOn,
  spreadRows,
  toNeurons,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { takeNeurons } from "./sampled-neurons.js";

/** Any backend that computes synchronously, on one thread: its handles never leave it. */
export type HostBackend = Backend<unknown>;

export interface HostEnergy {
  /** Unweighted. */
  readonly energy: number;
  /** In the kernel's shape. */
  readonly gradient: Float32Array;
}

/** Energy and gradient at the current projections, without a step. */
export function evaluateOnHost(
  program: EnergyProgram,
  backend: HostBackend,
  kernel: tf.Tensor,
  layout: Layout,
): HostEnergy & Pick<ProgramResult, "kept"> {
  const { rows, neurons, data } = readNeurons(program, backend, kernel, layout);
  const { count, dim } = neurons;
  const result = atOnce(backend, runProgramOn(program, backend, neurons, data));
  const taken = result.gradient instanceof Float32Array ? result.gradient : new Float32Array(result.gradient);
  const gradient = rows ? spreadRows(taken, count, dim, rows) : taken;
  return {
    energy: result.energy,
    gradient: fromNeurons(gradient, kernel.shape, layout) as Float32Array,
    kept: result.kept,
  };
}

/** The energy alone at the current projections, without a step. */
export function energyOnHost(program: EnergyProgram, backend: HostBackend, kernel: tf.Tensor, layout: Layout): number {
  const { neurons, data } = readNeurons(program, backend, kernel, layout);
  return atOnce(backend, runEnergyOn(program, backend, neurons, data));
}

/** The kernel's neurons, and the rows of them that this step takes. */
function readNeurons(program: EnergyProgram, backend: HostBackend, kernel: tf.Tensor, layout: Layout) {
  const { count, dim } = neuronAxes(kernel.shape, layout);
  if (tf.getBackend() === "webgpu") {
    throw new EnergyError(
      "unsupported",
      `backend ${backend.name}: the tfjs engine webgpu can't hand out a layer's weights synchronously, as a regularizer ` +
        "needs them. Leave `backend` out, so that the energy is computed on the device.",
    );
  }
  const all = () => toNeurons({ data: kernel.dataSync<"float32">(), shape: kernel.shape, layout }).data;
  const rows = program.sample(count);
  const data = rows ? tf.tidy(() => takeNeurons(kernel, layout, rows).dataSync<"float32">()) : all();
  return { rows, data, neurons: { count, dim, rows: rows ? all : () => data } };
}

/** @throws EnergyError `unsupported` for a backend that needs time */
function atOnce<T>(backend: HostBackend, result: MaybePromise<T>): T {
  if (!(result instanceof Promise)) return result as T;
  // Nobody waits for it any more.
  result.catch(() => undefined);
  throw asynchronous(backend);
}

function asynchronous({ name }: HostBackend): EnergyError {
  return new EnergyError(
    "unsupported",
    `backend ${name} reads its results asynchronously, but a layer's regularizer is computed within one training step. ` +
      "Use one that computes synchronously (wasmBackend({ threads: 1 }), referenceBackend()), or leave `backend` out.",
  );
}

/** @throws EnergyError `invalid-config` for what isn't a backend, a promise of one for example */
export function checkBackend(backend: unknown): HostBackend | undefined {
  if (backend === undefined || backend === null) return undefined;
  const { specification, download } = backend as Partial<HostBackend>;
  if (specification === "v1" && typeof download === "function") return backend as HostBackend;
  const isFunction = typeof backend === "function";
  const got =
    backend instanceof Promise
      ? "a promise: await it first"
      : isFunction
        ? "a function: call it"
        : JSON.stringify(backend);
  throw new EnergyError("invalid-config", `backend: expected a backend such as wasmBackend() makes, got ${got}.`, {
    path: "backend",
  });
}
