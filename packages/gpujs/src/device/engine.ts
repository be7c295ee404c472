/**
 * Runs kernels on one gpu.js instance. A kernel is compiled once for its constants and for the extents of its operands and
 * results, and kept. Results stay on the device: a texture, a WebGPU buffer, or, in modes cpu and webasm, host memory.
 */
import type { FloatArray, MaybePromise, Shape } from "@comhe/core";
import { ArrayScopes } from "@comhe/core/tensor-backend";
import { DeviceArray, type DeviceValue, type Extent, type Storage, sizeOf } from "./device-array.js";
import { DeviceWatch } from "./device-watch.js";
import { checkLength, checkMode, disposedOf } from "./failures.js";
import type { GpuJs, GpuLike, GpuMode } from "./gpu-js.js";
import { KernelCache } from "./kernel-cache.js";
import {
  argumentOf,
  arrayOf,
  compileKernel,
  isHostMode,
  isTextureMode,
  type KernelCode,
  type KernelOperand,
  kernelKey,
  sumOfRows,
} from "./kernel-code.js";
import { CommandQueue, isPromise } from "./pending.js";
import { keptValue, readStorage, takeSums } from "./results.js";

/** Kernels kept; the least recently used go first. */
const keptKernels = 1024;

export interface EngineOptions {
  readonly gpu: GpuLike;
  readonly gpujs: Pick<GpuJs, "input">;
  readonly mode: GpuMode;
  /** Whether `dispose` destroys the instance. */
  readonly ownsGpu: boolean;
}

export class Engine {
  readonly mode: GpuMode;
  /** Whether results are host memory. */
  readonly onHost: boolean;
  /** Whether results are WebGL textures, in which a quad is a texel. */
  readonly onTextures: boolean;
  /** Whether a kernel has answered with a promise: known after the first. */
  answersLater = false;
  private readonly gpu: GpuLike;
  private readonly gpujs: Pick<GpuJs, "input">;
  private readonly ownsGpu: boolean;
  private readonly queue = new CommandQueue();
  private readonly kernels = new KernelCache(keptKernels);
  private readonly watch: DeviceWatch;
  private readonly arrays = new ArrayScopes(
    (value) => value instanceof DeviceArray,
    (storage: Storage) => this.discard(storage),
  );
  private disposed = false;

  constructor({ gpu, gpujs, mode, ownsGpu }: EngineOptions) {
    this.gpu = gpu;
    this.gpujs = gpujs;
    this.mode = mode;
    this.ownsGpu = ownsGpu;
    this.onHost = isHostMode(mode);
    this.onTextures = isTextureMode(mode);
    this.watch = new DeviceWatch(mode, gpu);
  }

  /** Arrays and bytes alive on the device, without those kept as constants, and kernels compiled. */
  memory(): { readonly arrays: number; readonly bytes: number; readonly kernels: number } {
    return { ...this.arrays.memory(), kernels: this.kernels.size };
  }

  upload(data: FloatArray, shape: Shape): DeviceArray {
    this.checkAlive();
    const length = sizeOf(shape);
    checkLength(length, shape);
    // A copy: the caller may refill its array.
    const host = Float32Array.from(data);
    if (this.onHost) return this.track(new DeviceArray(shape, this.newStorage([length, 1, 1], 1, host)));
    const code = { name: "upload", source: () => "function(a) { return a[this.thread.x]; }" };
    return this.run(code, [host], [length, 1, 1], shape);
  }

  /**
   * @param operands read flat, `a[index]`, but for views
   * @param extent of the threads; row major, it is the memory of `shape` (four numbers for each thread with `lanes` 4)
   */
  run(
    code: KernelCode,
    operands: readonly KernelOperand[],
    extent: Extent,
    shape: Shape,
    lanes: 1 | 4 = 1,
  ): DeviceArray {
    this.checkAlive();
    checkLength(sizeOf(extent), shape);
    operands = operands.map((operand) => (operand instanceof DeviceArray ? this.summed(operand) : operand));
    // Only a texture has texels of four numbers; elsewhere they lie one after the other.
    const storage =
      lanes === 4 && !this.onTextures
        ? this.newStorage([extent[0] * 4, extent[1], extent[2]], 1, undefined)
        : this.newStorage(extent, lanes, undefined);
    const result = this.track(new DeviceArray(shape, storage));
    this.queue.submit(() => this.execute(code, operands, extent, lanes, storage));
    return result;
  }

  /** @param lanes numbers per thread */
  private newStorage(extent: Extent, lanes: 1 | 4, value: DeviceValue | undefined): Storage {
    const bytes = sizeOf(extent) * lanes * 4;
    return this.arrays.count({ extent, lanes, bytes, value, error: undefined, references: 0 });
  }

  /** The same memory under another shape. */
  reshape(array: DeviceArray, shape: Shape): DeviceArray {
    return this.track(new DeviceArray(shape, this.summed(array).storage));
  }

  /** Changes numbers that lie on the host, by others that do, in its turn. */
  editOnHost(
    array: DeviceArray,
    by: readonly DeviceArray[],
    edit: (numbers: Float32Array, by: readonly Float32Array[]) => void,
  ): void {
    const all = [array, ...by];
    this.queue.submit(() => {
      if (all.some(({ storage }) => !(storage.value instanceof Float32Array))) return;
      const [numbers, ...others] = all.map(({ storage }) => storage.value as Float32Array);
      edit(numbers!, others);
    });
  }

  /** The numbers, where they lie on the host and have arrived. */
  hostValue({ storage }: DeviceArray): Float32Array | undefined {
    return storage.value instanceof Float32Array ? storage.value : undefined;
  }

  /** `[batch]`: offset + scale·(sum of each `width` numbers of `rows`), not yet taken. */
  sumLater(rows: DeviceArray, width: number, scale: number, offset: number): DeviceArray {
    const batch = sizeOf(rows.shape) / width;
    return this.track(new DeviceArray([batch], rows.storage, { width, scale, offset }));
  }

  /** Reads, and frees what was read. */
  async download<R extends Record<string, DeviceArray>>(arrays: R): Promise<{ [K in keyof R]: FloatArray }> {
    const read = Object.entries(arrays).map(([name, array]) => this.read(array).then((data) => [name, data] as const));
    try {
      return Object.fromEntries(await Promise.all(read)) as { [K in keyof R]: FloatArray };
    } finally {
      for (const array of Object.values(arrays)) this.free(array);
    }
  }

  /** Frees what `body` made and did not return, inside objects and lists too. */
  scope<R>(body: () => R): R {
    return this.arrays.scope(body);
  }

  /** Made once, beyond every scope. */
  constant(key: string, make: () => DeviceArray): DeviceArray {
    return this.arrays.constant(key, make);
  }

  free(array: DeviceArray): void {
    this.arrays.free(array);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.queue.settled();
    this.arrays.freeConstants();
    this.kernels.clear();
    this.watch.stop();
    if (this.ownsGpu) await this.gpu.destroy();
  }

  private track(array: DeviceArray): DeviceArray {
    return this.arrays.track(array);
  }

  /** The array itself, or the sum it stands for, taken on the device. */
  private summed(array: DeviceArray): DeviceArray {
    const { pendingSum } = array;
    if (!pendingSum) return array;
    const { width, scale, offset } = pendingSum;
    const rows = this.track(new DeviceArray(array.shape, array.storage));
    return this.run(sumOfRows(width), [rows, scale, offset], [array.shape[0]!, 1, 1], array.shape);
  }

  private discard(storage: Storage): void {
    this.queue.submit(() => {
      if (storage.value && !(storage.value instanceof Float32Array)) storage.value.delete();
      storage.value = undefined;
      this.kernels.released(storage);
    });
  }

  private execute(
    code: KernelCode,
    operands: readonly KernelOperand[],
    extent: Extent,
    lanes: 1 | 4,
    result: Storage,
  ): MaybePromise<void> {
    const failed = (error: unknown) => {
      result.error = this.watch.explain(error);
    };
    try {
      for (const operand of operands) {
        const error = arrayOf(operand)?.storage.error;
        if (error) throw error;
      }
      const key = kernelKey(this.mode, code, operands, extent, lanes);
      const { kernel, compiled } = this.kernels.get(key, result, () =>
        compileKernel(this.gpu, this.mode, code, extent, lanes),
      );
      const value = kernel(...operands.map((operand) => argumentOf(this.gpujs, operand)));
      if (compiled) checkMode(kernel, this.mode);
      const arrived = (numbers: unknown) => {
        result.value = keptValue(numbers, result, this.onHost);
        this.watch.saw(kernel);
      };
      if (isPromise(value)) {
        this.answersLater = true;
        return value.then(arrived).catch(failed);
      }
      arrived(value);
    } catch (error) {
      failed(error);
      throw result.error;
    }
  }

  private async read({ shape, storage, pendingSum }: DeviceArray): Promise<Float32Array> {
    this.checkAlive();
    const settled = this.queue.settled();
    if (settled) await settled;
    if (storage.error) throw storage.error;
    this.watch.checkAlive();
    let numbers: Float32Array;
    try {
      numbers = await readStorage(storage);
    } catch (error) {
      throw this.watch.explain(error);
    }
    this.watch.checkErrors();
    return pendingSum ? takeSums(numbers, shape, pendingSum) : numbers;
  }

  private checkAlive(): void {
    if (this.disposed) throw disposedOf(this.mode);
    this.watch.checkAlive();
  }
}
