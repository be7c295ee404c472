/**
 * The energy of a kernel on a backend that computes on the host: the kernel is read, its energy and gradient come back as
 * numbers. Where the tfjs engine keeps its tensors in host memory (cpu, wasm) reading costs next to nothing, and for the
 * small layers of which there are many the tensor operations it replaces cost more than their arithmetic.
 */
import {
  type Backend,
  EnergyError,
  type EnergyProgram,
  type FloatArray,
  type KernelPairs,
  kernelOf,
  type Layout,
  type MaybePromise,
  type NeuronAxes,
  type ProgramResult,
  rowsOf,
  runEnergyOn,
  runProgramOn,
  runSetsOn,
  spreadRows,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { numbersOf, Spares } from "./host-memory.js";
import { takeNeurons } from "./sampled-neurons.js";

/** A backend of core that computes at once on the host, without promises: `wasmBackend({ threads: 1 })` and `nativeBackend()` for two. */
export type HostBackend = Backend<unknown>;

export interface HostEnergy {
  /** Unweighted. */
  readonly energy: number;
  /** Writes the gradient of weight × energy, times a number, in the kernel's shape. */
  writeGradient(times: number, into: Float32Array): void;
  /** When no gradient is to be written any more. */
  release?(): void;
}

/** What the host computes: a program's step of a kernel, of which it knows how its neurons lie. */
export interface HostTask {
  readonly program: EnergyProgram;
  readonly kernel: tf.Tensor;
  /** What the energy is multiplied with before its gradient is taken. */
  readonly weight: number;
  readonly layout: Layout;
  /** Of the kernel's shape. */
  readonly axes: NeuronAxes;
}

/** Energy and gradient at the current projections, without a step. */
export function evaluateOnHost(task: HostTask, backend: HostBackend): HostEnergy & Pick<ProgramResult, "kept"> {
  const { program, axes, weight } = task;
  const { rows, neurons, data } = readNeurons(task, backend);
  const { count, dim } = neurons;
  const result = atOnce(backend, runProgramOn(program, backend, neurons, data));
  const taken = float32(result.gradient);
  const gradient = rows ? spreadRows(taken, count, dim, rows) : taken;
  return {
    energy: result.energy,
    writeGradient: (times, into) => void kernelOf(gradient, axes, times * weight, into),
    kept: result.kept,
  };
}

/** The energy alone at the current projections, without a step. */
export function energyOnHost(task: HostTask, backend: HostBackend): number {
  const { neurons, data } = readNeurons(task, backend);
  return atOnce(backend, runEnergyOn(task.program, backend, neurons, data));
}

const spares = new Spares();

/** {@link evaluateOnHost} of a kernel that the backend reads where it lies. */
export function evaluateInPlace({ kernel, weight }: HostTask, pairs: KernelPairs, backend: HostBackend): HostEnergy {
  checkEngine(backend);
  const gradient = spares.take(kernel.size);
  return {
    energy: pairs(numbersOf(kernel), weight, gradient),
    writeGradient: (times, into) => void scaled(gradient, times, into),
    release: () => spares.giveBack(gradient),
  };
}

/** {@link evaluateOnHost} of kernels with N neurons of d numbers each, whose programs are pairs alone and the same ones: by one call. */
export function evaluateSetsOnHost(tasks: readonly HostTask[], backend: HostBackend): readonly HostEnergy[] {
  const [{ program, axes }] = tasks as [HostTask];
  const { count, dim } = axes;
  const size = count * dim;
  checkEngine(backend);
  const sets = spares.take(tasks.length * size);
  tasks.forEach(({ kernel, axes }, n) => {
    rowsOf(numbersOf(kernel), axes, sets.subarray(n * size, (n + 1) * size));
  });
  const result = atOnce(backend, runSetsOn(program, backend, sets, [tasks.length, count, dim]));
  const gradients = float32(result.gradient);
  spares.giveBack(sets);
  return tasks.map(({ axes, weight }, n) => ({
    energy: result.energies[n]!,
    writeGradient: (times, to) => void kernelOf(gradients.subarray(n * size, (n + 1) * size), axes, times * weight, to),
  }));
}

function scaled(numbers: Float32Array, times: number, into: Float32Array): void {
  if (times === 1) into.set(numbers);
  else for (let n = 0; n < into.length; n++) into[n] = times * numbers[n]!;
}

function float32(numbers: FloatArray): Float32Array {
  return numbers instanceof Float32Array ? numbers : new Float32Array(numbers);
}

/** The kernel's neurons, and the rows of them that this step takes. */
function readNeurons({ program, kernel, layout, axes }: HostTask, backend: HostBackend) {
  const { count, dim } = axes;
  checkEngine(backend);
  // Rows of their own in any case: a strategy may keep them.
  const all = () => rowsOf(axes.identity ? kernel.dataSync<"float32">() : numbersOf(kernel), axes);
  const rows = program.sample(count);
  const data = rows ? tf.tidy(() => takeNeurons(kernel, layout, rows).dataSync<"float32">()) : all();
  return { rows, data, neurons: { count, dim, rows: rows ? all : () => data } };
}

/** @throws EnergyError `unsupported` where tensors can't be read at once */
function checkEngine(backend: HostBackend): void {
  if (tf.getBackend() !== "webgpu") return;
  throw new EnergyError(
    "unsupported",
    `backend ${backend.name}: the tfjs engine webgpu can't hand out a layer's weights synchronously, as a regularizer ` +
      "needs them. Leave `backend` out, so that the energy is computed on the device.",
  );
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
