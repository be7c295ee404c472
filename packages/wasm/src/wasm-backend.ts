/** The contract over arrays in WebAssembly memory, computed by SIMD kernels. */
import { type Backend, EnergyError, type FloatArray, type Shape } from "@comhe/core";
import type { Context } from "./backend/context.js";
import { directions, type WasmDirections } from "./backend/directions.js";
import { combine, gatherColumns, matmul, reduce, scaleBatch, scatterColumns } from "./backend/linear.js";
import { mismatch, mismatchProduct } from "./backend/mismatch.js";
import { objective, write } from "./backend/objective.js";
import { pairwise, pairwiseProduct } from "./backend/pairwise.js";
import { singleEngine } from "./kernels/engine.js";
import { type BuildName, compileKernels, instantiateKernels, supportedBuild } from "./kernels/load-kernels.js";
import { Arrays, type WasmArray } from "./memory/arrays.js";
import { Heap } from "./memory/heap.js";

export interface WasmBackendOptions {
  /** At most so many threads. Default: as many as there are processors. */
  readonly threads?: number | undefined;
  /** `baseline` SIMD or `relaxed` SIMD, which has a fused multiply-add. Default: the fastest that the engine can run. */
  readonly build?: BuildName | undefined;
}

export interface WasmBackend extends Backend<WasmArray> {
  readonly build: BuildName;
  readonly threads: number;
  /** What is alive: arrays, and the bytes that they and the kernels' scratch memory take. */
  memory(): { readonly arrays: number; readonly bytes: number };
}

const pageBytes = 65536;

/**
 * Hyperspherical energy in WebAssembly SIMD, in float32 with float64 sums.
 *
 * @throws EnergyError `invalid-config` where threads isn't a whole number ≥ 1; `unsupported` where the engine lacks the build asked for
 */
export function wasmBackend(options: WasmBackendOptions = {}): WasmBackend {
  const { threads = 1 } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new EnergyError("invalid-config", `wasmBackend: expected threads, a whole number ≥ 1, got ${threads}.`, {
      path: "threads",
    });
  }
  const supported = supportedBuild();
  const build = options.build ?? supported;
  if (build === undefined || supported === undefined || (build === "relaxed" && supported !== "relaxed")) {
    throw new EnergyError(
      "unsupported",
      `wasmBackend: expected an engine with WebAssembly ${build ?? ""} SIMD; this one has ${supported ?? "none"}.`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: (2 * 1024 * 1024) / pageBytes, maximum: 65536 });
  const heap = new Heap(memory);
  const arrays = new Arrays(heap, (free) => free());
  const engine = singleEngine(heap, instantiateKernels(compileKernels(build, false), memory));
  const context: Context = { arrays, engine };
  return {
    specification: "v1",
    name: "wasm",
    precision: "float32",
    bareFormula: false,
    build,
    threads: 1,
    memory: () => ({ arrays: arrays.count, bytes: heap.used }),
    upload: (data: FloatArray, shape: Shape) => write(context, data, shape),
    download: (wanted) => download(context, wanted),
    scope: (body) => arrays.scope(body),
    matmul: (a, b, how) => matmul(context, a, b, how),
    combine: (terms) => combine(context, terms),
    scaleBatch: (array, weights) => scaleBatch(context, array, weights),
    reduce: (energies, how) => reduce(context, energies, how),
    gatherColumns: (array, index, columns) => gatherColumns(context, array, index, columns),
    scatterColumns: (array, index, dim) => scatterColumns(context, array, index, dim),
    directions: (rows, normEpsilon) => directions(context, rows, normEpsilon),
    pairwise: (of, pair) => pairwise(context, of as WasmDirections, pair),
    pairwiseProduct: (saved, vector) => pairwiseProduct(context, saved, vector),
    mismatch: (reference, projected, spec) =>
      mismatch(context, reference as WasmDirections, projected as WasmDirections, spec),
    mismatchProduct: (saved, vector) => mismatchProduct(context, saved, vector),
    objective: (rows, task) => objective(context, rows, task),
  };
}

function download<R extends Record<string, WasmArray>>({ arrays }: Context, wanted: R): { [K in keyof R]: FloatArray } {
  const { float32 } = arrays.heap.views;
  const read = Object.fromEntries(
    Object.entries(wanted).map(([name, { address, size }]) => [name, float32.slice(address / 4, address / 4 + size)]),
  );
  for (const array of Object.values(wanted)) arrays.free(array);
  return read as { [K in keyof R]: FloatArray };
}
