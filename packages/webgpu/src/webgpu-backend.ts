/**
 * The contract on WGSL kernels of our own. What takes the time (products, directions, the pairwise energy with its gradient) is fused and
 * blocked; the rest is lowered by core from tensor primitives, each of which is a small kernel.
 */
import { type Backend, checkKeys, EnergyError, type Shape } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import type { DeviceArray } from "./device/device-array.js";
import { Engine } from "./device/engine.js";
import { openDevice } from "./device/open-device.js";
import type { Progress } from "./device/recorder.js";
import { sizeOf } from "./device/sizes.js";
import { type DeviceDirections, directions } from "./pairs/directions.js";
import { pairwise, pairwiseEnergy } from "./pairs/pairwise.js";
import { statistics } from "./pairs/statistics.js";
import { isInParts } from "./parts/blocks-of-arrays.js";
import { gatherColumnsInParts, scatterColumnsInParts } from "./parts/columns-in-parts.js";
import { primitivesInParts } from "./parts/primitives-in-parts.js";
import { productInParts } from "./parts/product-in-parts.js";
import { webgpuPrimitives } from "./primitives/primitives.js";

/** Options of {@link webgpuBackend}. */
export interface WebgpuBackendOptions {
  /** A device of your own, so that you can share buffers with the backend. It stays yours: `dispose` leaves it alone. Default: a new device. */
  readonly device?: GPUDevice | undefined;
  /** The adapter that a new device is requested from. Default: the one that WebGPU gives for speed. */
  readonly adapter?: GPUAdapter | undefined;
  /** How many bytes the slopes of a panel of pairs may take. No array over all pairs is kept beyond it. Default 64 MiB. */
  readonly panelBytes?: number | undefined;
  /** Called now and then with how much the GPU was given to do, and how much of it is done. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The backend, with what is alive on its device, and with buffers in and out. */
export interface WebgpuBackend extends Backend<DeviceArray> {
  /** The device that it runs on. */
  readonly device: GPUDevice;
  /**
   * Makes an array over a buffer of `device` with float32 numbers, row major, that another program wrote, without a copy. The buffer needs the usage
   * STORAGE (to be read back also COPY_SRC), stays yours, and must not change until what was computed from it is submitted (`download`,
   * `toBuffer` and `flush` submit).
   *
   * @throws EnergyError `invalid-shape` where the buffer is shorter than the shape; `unsupported` where the array is larger than the device can
   *   bind at once
   */
  fromBuffer(buffer: GPUBuffer, shape: Shape): DeviceArray;
  /**
   * Submits what was recorded and gives the array's buffer of float32 numbers, row major, for your own commands on `device`, submitted after this.
   * The buffer is yours: `destroy` it when you are done with it. It has 4 bytes a number and no more; its usages are STORAGE, COPY_SRC and COPY_DST.
   * The array can't be used afterwards.
   *
   * @throws EnergyError `unsupported` where the array is larger than one buffer of the device may be (`maxBufferSize`)
   */
  toBuffer(array: DeviceArray): GPUBuffer;
  /** Submits what was recorded to the GPU, without waiting for it. */
  flush(): void;
  /** What is alive on the device, and what was done so far. */
  memory(): {
    /** How many arrays live. */
    readonly arrays: number;
    /** How many bytes they use, constants included. */
    readonly bytes: number;
    /** How many buffers there are, with those that are kept for later arrays. */
    readonly buffers: number;
    /** How many kernels were compiled. */
    readonly kernels: number;
    /** How many times commands were submitted to the GPU. */
    readonly submissions: number;
  };
  /** Frees all buffers, and the device unless it is yours. */
  dispose(): void;
}

/**
 * A backend that computes energies and gradients by WGSL kernels on WebGPU, in float32. `separationFloor: 0` is refused, since kernels can't tell of
 * a coincidence while they run. Operations are recorded, and submitted when results are read.
 *
 * @throws EnergyError `invalid-config` for an unknown option, or `panelBytes` that isn't above 0; `missing-peer` in Node without the package webgpu;
 *   `unsupported` without WebGPU, without an adapter, or without a device
 */
export async function webgpuBackend(options: WebgpuBackendOptions = {}): Promise<WebgpuBackend> {
  checkKeys("webgpuBackend", options, ["device", "adapter", "panelBytes", "onProgress"]);
  const { device, adapter, panelBytes = 64 * 2 ** 20, onProgress } = options;
  if (!(panelBytes > 0)) {
    throw new EnergyError("invalid-config", `webgpuBackend: expected panelBytes above 0, got ${panelBytes}.`, {
      path: "panelBytes",
    });
  }
  const engine = new Engine({ device: device ?? (await openDevice(adapter)), ownsDevice: !device, onProgress });
  const name = "webgpu";
  const primitives = primitivesInParts(engine, webgpuPrimitives(engine));
  // A tile of pairs has eight arrays, each of which is to fit into a buffer.
  const lowered = tensorBackend(primitives, { name, tileBytes: Math.min(panelBytes, 8 * engine.largestArray) });
  return {
    ...lowered,
    gatherColumns: (array, index, columns) =>
      isInParts(array) || engine.isLarge([index.length / columns, array.shape[1]!, columns])
        ? engine.scope(() => gatherColumnsInParts(primitives, array, index, columns))
        : lowered.gatherColumns(array, index, columns),
    scatterColumns: (array, index, dim) =>
      isInParts(array) || engine.isLarge([1, array.shape[1]!, dim])
        ? engine.scope(() => scatterColumnsInParts(primitives, array, index, dim))
        : lowered.scatterColumns(array, index, dim),
    matmul: (a, b, how) => productInParts(engine, a, b, how),
    directions: (rows, normEpsilon) => directions(engine, rows, normEpsilon),
    pairwise: ((of, pair, options) =>
      options?.gradient === false
        ? pairwiseEnergy(engine, of as DeviceDirections, pair)
        : pairwise(engine, of as DeviceDirections, pair, { panelBytes })) as Backend<DeviceArray>["pairwise"],
    statistics: (of, request) => statistics(engine, of as DeviceDirections, request, panelBytes),
    device: engine.device,
    fromBuffer: (buffer, shape) => fromBuffer(engine, buffer, shape),
    toBuffer: (array) => engine.release(array),
    flush: () => engine.flush(),
    memory: () => engine.memory(),
    dispose: () => engine.dispose(),
  };
}

function fromBuffer(engine: Engine, buffer: GPUBuffer, shape: Shape): DeviceArray {
  const bytes = 4 * sizeOf(shape);
  if (!(buffer.size >= bytes)) {
    throw new EnergyError(
      "invalid-shape",
      `fromBuffer: [${shape.join(", ")}] takes ${bytes} bytes in float32, the buffer has ${buffer.size}.`,
    );
  }
  return engine.adopt(buffer, shape);
}
