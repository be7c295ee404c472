/**
 * The contract on gpu.js kernels. What takes the time (products, directions, the pairwise energy with its gradient) has
 * kernels of its own; the rest is lowered by core from tensor primitives, each of which is a kernel too.
 */
import { type Backend, checkKeys, EnergyError } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "./device/device-array.js";
import type { Engine } from "./device/engine.js";
import { type GpuJs, type GpuLike, type GpuMode, loadGpuJs } from "./device/gpu-js.js";
import { openInstance, openMode } from "./device/open-gpu.js";
import { hostOperations } from "./host-operations.js";
import { type DeviceDirections, directions } from "./pairs/directions.js";
import { pairwise, pairwiseEnergy } from "./pairs/pairwise.js";
import { gpujsPrimitives } from "./primitives/primitives.js";

/** Options of {@link gpujsBackend}: either an instance of gpu.js, or the modes to try. */
export interface GpujsBackendOptions {
  /** An instance of gpu.js's `GPU`, of one mode, instead of a new one. It stays yours: `dispose` leaves it alone. */
  readonly gpu?: GpuLike | undefined;
  /**
   * One mode, or several: the first of them that works here is taken, and those before it are listed in `fallbacks`. With `gpu` it isn't looked at.
   * Default: webgl2, webasm, cpu in a page; webasm, cpu elsewhere.
   */
  readonly mode?: GpuMode | readonly GpuMode[] | undefined;
  /** How many bytes the arrays of a tile of pairs may take. No array over all pairs is kept beyond it. Default 64 MiB. */
  readonly tileBytes?: number | undefined;
  /** Whether devices are accepted that compute in less than float32, some phones say, and give results no better than that. Default false. */
  readonly allowHalfFloat?: boolean | undefined;
}

/** A mode that was asked for first and isn't there. */
export interface Fallback {
  /** The mode that was asked for. */
  readonly mode: GpuMode;
  /** Why it isn't there, in words. */
  readonly why: string;
}

/** The backend, with what it runs on and what is alive. */
export interface GpujsBackend extends Backend<DeviceArray> {
  /** The mode that runs. */
  readonly mode: GpuMode;
  /** The modes that were tried before it and aren't there, with the reasons; each was written to the console as well. */
  readonly fallbacks: readonly Fallback[];
  /** What is alive on the device. */
  memory(): {
    /** How many arrays live. */
    readonly arrays: number;
    /** How many bytes they use, constants included. */
    readonly bytes: number;
    /** How many kernels were compiled. */
    readonly kernels: number;
  };
  /** Frees all arrays and kernels, and the instance of `GPU` unless it is yours. */
  dispose(): Promise<void>;
}

/**
 * A backend that computes energies and gradients by kernels of gpu.js, in float32. `separationFloor: 0` is refused, since kernels can't tell of a
 * coincidence while they run. Operations queue in mode webgpu; in the other modes they have run when they return.
 *
 * @throws EnergyError `invalid-config` for an unknown option, an unknown mode, or `tileBytes` that isn't above 0; `missing-peer` without the package
 *   gpu.js; `unsupported` where no mode is available, or the device computes in less than float32
 */
export async function gpujsBackend(options: GpujsBackendOptions = {}): Promise<GpujsBackend> {
  checkKeys("gpujsBackend", options, ["mode", "gpu", "tileBytes", "allowHalfFloat"]);
  const { mode, gpu, tileBytes = 64 * 2 ** 20, allowHalfFloat = false } = options;
  if (!(tileBytes > 0)) {
    throw new EnergyError("invalid-config", `gpujsBackend: expected tileBytes above 0, got ${tileBytes}.`, {
      path: "tileBytes",
    });
  }
  const gpujs = await loadGpuJs();
  const { engine, fallbacks } = gpu
    ? { engine: await openInstance(gpujs, gpu, allowHalfFloat), fallbacks: [] }
    : await openFirst(gpujs, mode ?? defaultModes(), allowHalfFloat);
  const name = `gpujs-${engine.mode}`;
  return {
    ...tensorBackend(gpujsPrimitives(engine), { name, tileBytes }),
    ...(engine.onHost && !engine.answersLater ? hostOperations(engine) : {}),
    directions: (rows, normEpsilon) => directions(engine, rows, normEpsilon),
    pairwise: ((of, pair, options) =>
      options?.gradient === false
        ? pairwiseEnergy(engine, of as DeviceDirections, pair, tileBytes)
        : pairwise(engine, of as DeviceDirections, pair, tileBytes)) as Backend<DeviceArray>["pairwise"],
    mode: engine.mode,
    fallbacks,
    memory: () => engine.memory(),
    dispose: () => engine.dispose(),
  };
}

function defaultModes(): readonly GpuMode[] {
  const inPage = "document" in globalThis || "OffscreenCanvas" in globalThis;
  return inPage ? ["webgl2", "webasm", "cpu"] : ["webasm", "cpu"];
}

async function openFirst(
  gpujs: GpuJs,
  modes: GpuMode | readonly GpuMode[],
  allowHalfFloat: boolean,
): Promise<{ engine: Engine; fallbacks: readonly Fallback[] }> {
  if (typeof modes === "string") return { engine: await openMode(gpujs, modes, allowHalfFloat), fallbacks: [] };
  const fallbacks: Fallback[] = [];
  for (const mode of modes) {
    try {
      const engine = await openMode(gpujs, mode, allowHalfFloat);
      for (const { why } of fallbacks) console.warn(`gpujsBackend fell back to mode "${mode}": ${why}`);
      return { engine, fallbacks };
    } catch (error) {
      if (!EnergyError.isInstance(error) || error.code !== "unsupported") throw error;
      fallbacks.push({ mode, why: error.message });
    }
  }
  const reasons = fallbacks.map(({ why }) => why).join("\n");
  throw new EnergyError(
    "unsupported",
    `gpujsBackend: none of the modes ${modes.join(", ") || "(none given)"} is available.\n${reasons}`,
    { modes },
  );
}
