/** The contract over arrays in WebAssembly memory, computed by SIMD kernels. */
import type { Backend, FloatArray, MaybePromise, Shape } from "@comhe/core";
import { checkKeys, EnergyError } from "@comhe/core/pair-functions";
import type { Context } from "./backend/context.js";
import { directions, type WasmDirections } from "./backend/directions.js";
import { statistics } from "./backend/later-statistics.js";
import { combine, gatherColumns, matmul, reduce, scaleBatch, scatterColumns } from "./backend/linear.js";
import { mismatch, mismatchProduct } from "./backend/mismatch.js";
import { objective } from "./backend/objective.js";
import { pairwise, pairwiseEnergy, pairwiseProduct } from "./backend/pairwise.js";
import { drawMatrices } from "./backend/random.js";
import { sketch, sketchBack } from "./backend/sketch.js";
import type { WasmBackend, WasmBackendOptions } from "./backend-options.js";
import { javascriptBackend } from "./javascript-backend.js";
import { compileKernels, startKernels, supportedBuild } from "./kernels/load-kernels.js";
import type { BuildName } from "./kernels/packed-kernels.js";
import { Arrays, type WasmArray } from "./memory/arrays.js";
import { Heap } from "./memory/heap.js";
import { type Engine, queuedEngine, singleEngine, type ThreadedOptions, threadedEngine } from "./threads/engines.js";
import { canShareMemory, canSleep, processors } from "./threads/platform.js";

/** How commands run; the tests choose. */
export type EngineKind = "single" | "threaded" | "queued";

const pageBytes = 65536;
const mostThreads = 16;

/**
 * A backend that computes energies and gradients in WebAssembly SIMD, in float32 with float64 sums; in plain JavaScript where there is no WebAssembly
 * SIMD. `separationFloor: 0` is refused. Results don't depend on the number of threads, to the last bit. Everything is computed
 * synchronously, but on a page's main thread with several threads, where `download` gives a promise.
 *
 * @throws EnergyError `invalid-config` for an unknown option, an unknown build, or threads that aren't a whole number ≥ 1;
 *   `unsupported` where the engine lacks the build that was asked for
 */
export function wasmBackend(options: WasmBackendOptions = {}): WasmBackend {
  checkOptions(options);
  const threads = threadsFor(options.threads);
  const kind = threads === 1 ? "single" : canSleep() ? "threaded" : "queued";
  const build = options.build ?? supportedBuild();
  if (!build) return javascriptBackend();
  const warn = options.warn ?? warnOnce;
  try {
    return createBackend({ build, threads, warn }, kind);
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    const isForbidden = error instanceof WebAssembly.CompileError || error instanceof EvalError;
    if (isForbidden && options.build === undefined) return javascriptBackend();
    if (isForbidden) throw forbidden(options.build!, error);
    if (kind === "single") throw error;
    // Memory that can't be shared, say.
    warn(
      `wasmBackend: ${(error as Error).message}: no memory to share with worker threads, so that one thread computes.`,
    );
    return createBackend({ build, threads: 1 }, "single");
  }
}

let warned = false;

/** The default: once, however many backends there are. */
function warnOnce(message: string): void {
  if (!warned) console.warn(message);
  warned = true;
}

/** A page's policy may forbid to compile. */
function forbidden(build: BuildName, cause: unknown): EnergyError {
  return new EnergyError(
    "unsupported",
    `wasmBackend: build "${build}" can't be compiled here; a page's Content-Security-Policy needs 'wasm-unsafe-eval' for it. ` +
      "Without the option `build`, plain JavaScript computes instead.",
    {},
    cause,
  );
}

function checkOptions(options: WasmBackendOptions): void {
  checkKeys("wasmBackend", options, ["threads", "build", "warn"]);
  const { build, warn } = options;
  if (warn !== undefined && typeof warn !== "function") {
    throw invalid("warn", `expected warn, a function that takes a message, got ${typeof warn}`);
  }
  if (build === undefined || build === "baseline" || build === "relaxed") return;
  throw invalid("build", `expected build "baseline" or "relaxed", got ${JSON.stringify(build)}`);
}

function invalid(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `wasmBackend: ${problem}.`, { path });
}

function threadsFor(wanted: number | undefined): number {
  if (wanted !== undefined && (!Number.isInteger(wanted) || wanted < 1)) {
    throw invalid("threads", `expected threads, a whole number ≥ 1, got ${JSON.stringify(wanted) ?? wanted}`);
  }
  if (wanted === 1 || !canShareMemory()) return 1;
  return wanted ?? Math.min(processors(), mostThreads);
}

interface InternalOptions extends WasmBackendOptions {
  readonly threads: number;
  /** Operations from so many flops on are shared by the threads. */
  readonly leastShared?: number | undefined;
  /** Milliseconds; see {@link ThreadedOptions}. */
  readonly patience?: number | undefined;
}

/** For `wasmBackend` and the tests. */
export function createBackend(options: InternalOptions, kind: EngineKind): WasmBackend {
  const build = buildFor(options.build);
  const { threads, leastShared, patience, warn = warnOnce } = options;
  const isShared = kind !== "single";
  const heap = new Heap(allocateMemory(isShared));
  const module = compileKernels(build, isShared);
  const kernels = startKernels(module, build, heap);
  const engine = engineOf(kind, { heap, kernels, module, threads, leastShared, patience, warn });
  const arrays = new Arrays(heap, (free) => engine.later(free));
  const context: Context = { arrays, engine, kernels, threads };
  return {
    specification: "v1",
    name: "wasm",
    precision: "float32",
    bareFormula: false,
    build,
    get threads() {
      return engine.threads();
    },
    memory: () => ({ arrays: arrays.count, bytes: heap.used }),
    upload: (data: FloatArray, shape: Shape) => arrays.upload(data, shape),
    download: (wanted) => download(context, wanted),
    scope: (body) => arrays.scope(body),
    matmul: (a, b, how) => matmul(context, a, b, how),
    combine: (terms) => combine(context, terms),
    scaleBatch: (array, weights) => scaleBatch(context, array, weights),
    reduce: (energies, how) => reduce(context, energies, how),
    gatherColumns: (array, index, columns) => gatherColumns(context, array, index, columns),
    scatterColumns: (array, index, dim) => scatterColumns(context, array, index, dim),
    sketch: (rows, by) => sketch(context, rows, by),
    sketchBack: (projected, by) => sketchBack(context, projected, by),
    random: (draw) => drawMatrices(context, draw),
    directions: (rows, normEpsilon) => directions(context, rows, normEpsilon),
    pairwise: ((of, pair, options) =>
      options?.gradient === false
        ? pairwiseEnergy(context, of as WasmDirections, pair)
        : pairwise(context, of as WasmDirections, pair)) as Backend<WasmArray>["pairwise"],
    pairwiseProduct: (saved, vector) => pairwiseProduct(context, saved, vector),
    mismatch: (reference, projected, spec) =>
      mismatch(context, reference as WasmDirections, projected as WasmDirections, spec),
    mismatchProduct: (saved, vector) => mismatchProduct(context, saved, vector),
    objective: (rows, task) => objective(context, rows, task),
    statistics: (of, request) => statistics(context, of as WasmDirections, request),
    dispose() {
      if (heap.disposed) return;
      engine.dispose();
      heap.dispose();
    },
  };
}

function buildFor(wanted: BuildName | undefined): BuildName {
  const supported = supportedBuild();
  if (supported && wanted !== "relaxed") return wanted ?? supported;
  if (supported === "relaxed") return supported;
  throw new EnergyError(
    "unsupported",
    `wasmBackend: expected an engine with WebAssembly ${wanted ?? ""} SIMD; this one has ${supported ?? "none"}.`,
  );
}

/** WebAssembly's 4 GiB at most; less where the engine doesn't set so many addresses aside. */
function allocateMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = 65536; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: (2 * 1024 * 1024) / pageBytes, maximum, shared });
    } catch (error) {
      if (maximum <= 4096) throw error;
    }
  }
}

function engineOf(kind: EngineKind, options: ThreadedOptions): Engine {
  if (kind === "single") return singleEngine(options.heap, options.kernels);
  return kind === "threaded" ? threadedEngine(options) : queuedEngine(options);
}

/** One promise for all, or none. */
function download<R extends Record<string, WasmArray>>({ arrays, engine }: Context, wanted: R): MaybePromise<Read<R>> {
  const settled = engine.settle();
  const read = () => {
    const { float32 } = arrays.heap.views;
    const copies = Object.entries(wanted).map(([name, { address, size }]) => {
      const copy = new Float32Array(size);
      copy.set(float32.subarray(address / 4, address / 4 + size));
      return [name, copy] as const;
    });
    free();
    return Object.fromEntries(copies) as unknown as Read<R>;
  };
  const free = () => {
    for (const array of Object.values(wanted)) arrays.free(array);
  };
  return settled ? settled.then(read) : read();
}

type Read<R> = { [K in keyof R]: FloatArray };
