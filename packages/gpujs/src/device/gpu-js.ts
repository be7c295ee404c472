/** The part of gpu.js that this package uses, and how it is loaded: a peer, so that a page has one copy of it. */
import { EnergyError, type MaybePromise } from "@comhe/core";

/**
 * Where kernels of gpu.js run: `webgpu`, `webgl2` and `webgl` in a page, `headlessgl` in Node with the package `gl`, `webasm` and `cpu`
 * anywhere. These are the modes in which they compute in full float32.
 */
export type GpuMode = "webgpu" | "webgl2" | "headlessgl" | "webgl" | "webasm" | "cpu";

export const gpuModes: readonly GpuMode[] = ["webgpu", "webgl2", "headlessgl", "webgl", "webasm", "cpu"];

export interface KernelSettings {
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, number>>;
  readonly constantTypes?: Readonly<Record<string, string>>;
  readonly argumentTypes?: Readonly<Record<string, string>>;
  readonly returnType?: string;
  readonly precision: "single";
  readonly tactic: "precision";
  readonly pipeline: boolean;
  readonly immutable: boolean;
  readonly fixIntegerDivisionAccuracy: boolean;
  readonly loopMaxIterations: number;
  readonly asyncMode?: boolean;
}

export interface GpuKernel {
  (...args: readonly unknown[]): MaybePromise<unknown>;
  /** The kernel that ran: gpu.js may have put another mode's in its place. */
  readonly kernel: {
    readonly constructor: { readonly mode?: string };
    readonly fallbackReason?: string;
    readonly context?: unknown;
    /** Mode webasm: gives the numbers of a run their shape. */
    _shapeOutput?: (numbers: Float32Array) => unknown;
  };
  destroy(removeCanvasReferences?: boolean): void;
}

/** An instance of gpu.js's `GPU`, such as `new GPU({ mode: "webgl2" })`. */
export interface GpuLike {
  /** @internal */
  createKernel(source: string, settings: KernelSettings): GpuKernel;
  /** @internal */
  destroy(): MaybePromise<unknown>;
  /** @internal */
  readonly mode?: string;
  /** @internal */
  readonly Kernel?: unknown;
  /** @internal */
  readonly context?: unknown;
}

export interface GpuJs {
  readonly GPU: {
    new (settings: { readonly mode: string }): GpuLike;
    readonly isWebGPUSupported?: boolean;
    isWebGPUAvailable?(): Promise<boolean>;
  };
  /** Flat host memory with extents, x fastest. */
  input(value: Float32Array, size: readonly number[]): unknown;
}

/** @throws EnergyError `missing-peer` */
export async function loadGpuJs(): Promise<GpuJs> {
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import("gpu.js")) as unknown as Record<string, unknown>;
  } catch (cause) {
    throw new EnergyError(
      "missing-peer",
      'gpujsBackend: expected the package "gpu.js", which can\'t be loaded. Install it: npm install gpu.js@2.24',
      { package: "gpu.js" },
      cause,
    );
  }
  // CommonJS in Node; in a page a bundler makes the namespace from a function that carries everything.
  const found = [loaded, loaded.default].find((each) => typeof (each as GpuJs | undefined)?.GPU === "function");
  if (found) return found as GpuJs;
  throw new EnergyError("missing-peer", 'The package "gpu.js" has no class GPU. Install it: npm install gpu.js@2.24', {
    package: "gpu.js",
  });
}
