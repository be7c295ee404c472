/** Runs kernels on one device: arrays and their scopes, commands and reading, each in a file of its own, put together. */
import { EnergyError, type FloatArray, type Shape } from "@comhe/core";
import { ArrayScopes } from "@comhe/core/tensor-backend";
import { BufferPool } from "./buffer-pool.js";
import { DeviceArray, roundUp, type Storage, sizeOf } from "./device-array.js";
import { DeviceWatch } from "./device-watch.js";
import { disposed, foreignArray, tooLarge, tooMuchToRead } from "./failures.js";
import type { Kernel } from "./kernel.js";
import { Pipelines } from "./pipelines.js";
import { type Groups, type ReadCopy, Recorder, type RecorderOptions } from "./recorder.js";

export interface EngineOptions extends RecorderOptions {
  readonly device: GPUDevice;
  /** Whether `dispose` destroys the device. */
  readonly ownsDevice: boolean;
}

/** Bytes of a vec4f. */
const bindingStep = 16;

/** How a kernel is run. */
export interface Run<P extends string, A extends string> {
  readonly arrays: Readonly<Record<A, DeviceArray>>;
  readonly parameters: Readonly<Record<P, number>>;
  readonly groups: Groups;
  /** Multiplications and additions, about. */
  readonly work: number;
}

export class Engine {
  readonly device: GPUDevice;
  private readonly ownsDevice: boolean;
  private readonly watch: DeviceWatch;
  private readonly pool: BufferPool;
  private readonly pipelines: Pipelines;
  private readonly recorder: Recorder;
  private readonly arrays = new ArrayScopes(
    (value) => value instanceof DeviceArray,
    (storage: Storage) => this.discard(storage),
  );
  private isDisposed = false;

  constructor({ device, ownsDevice, onProgress, budget }: EngineOptions) {
    this.device = device;
    this.ownsDevice = ownsDevice;
    this.watch = new DeviceWatch(device);
    this.pool = new BufferPool(device, this.watch.guard);
    this.pipelines = new Pipelines(device);
    this.recorder = new Recorder(device, this.pipelines, this.watch.guard, { onProgress, budget });
  }

  /** Arrays and bytes alive, buffers with those kept for later, kernels compiled, submissions so far. */
  memory() {
    return {
      ...this.arrays.memory(),
      buffers: this.pool.count,
      kernels: this.pipelines.size,
      submissions: this.recorder.submissions,
    };
  }

  /** Whether threads are loops on a CPU, which have no latency to hide and want few of them. Older browsers have no `adapterInfo`. */
  get inSoftware(): boolean {
    return this.device.adapterInfo?.isFallbackAdapter === true;
  }

  /** Bytes of an array at most. */
  get largestArray(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** An array whose numbers a kernel will write. Bytes are those of the shape, or more where a kernel wants padding. */
  make(shape: Shape, bytes = 4 * sizeOf(shape)): DeviceArray {
    this.checkAlive();
    this.checkSize(bytes, shape);
    return this.arrayOver(shape, this.pool.take(bytes, "storage"), bytes);
  }

  upload(data: FloatArray, shape: Shape): DeviceArray {
    return this.write(data instanceof Float32Array ? data : Float32Array.from(data), shape);
  }

  /** Bits of float32 numbers, or whole numbers that a kernel reads as such. */
  write(data: Float32Array | Int32Array | Uint32Array, shape: Shape): DeviceArray {
    this.checkAlive();
    const size = sizeOf(shape);
    if (data.length !== size) {
      throw new EnergyError(
        "invalid-shape",
        `upload: expected ${size} numbers for [${shape.join(", ")}], got ${data.length}.`,
      );
    }
    const bytes = 4 * size;
    this.checkSize(bytes, shape);
    const buffer = this.pool.take(bytes, "storage", this.recorder.serial);
    this.watch.guard(() => {
      this.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    });
    return this.arrayOver(shape, buffer, bytes);
  }

  private arrayOver(shape: Shape, buffer: GPUBuffer, bytes: number, isOwn = true): DeviceArray {
    return this.arrays.track(new DeviceArray(shape, this.arrays.count({ buffer, bytes, isOwn, references: 0 })));
  }

  /** Every entry is `value`: no memory until somebody needs it. */
  fill(shape: Shape, value: number): DeviceArray {
    return this.arrays.track(new DeviceArray(shape, undefined, value));
  }

  /** A buffer of somebody else's, which stays theirs. */
  adopt(buffer: GPUBuffer, shape: Shape): DeviceArray {
    this.checkAlive();
    this.checkSize(4 * sizeOf(shape), shape);
    return this.arrayOver(shape, buffer, 4 * sizeOf(shape), false);
  }

  /** Submits everything, and gives away a buffer of the array's numbers and no more: its own one where that is as long, else a copy. */
  release(array: DeviceArray): GPUBuffer {
    this.checkAlive();
    const result = this.stored(array);
    const { buffer, bytes, isOwn, references } = result.storage!;
    // Others may show it too, or own it; and those who read a buffer whole must not find what it was used for before.
    if (isOwn && references === 1 && buffer.size === bytes) {
      this.recorder.flush();
      this.pool.forget();
      this.arrays.forget(result);
      return buffer;
    }
    const copy = this.pool.makeExactly(bytes);
    this.recorder.flush([{ from: buffer, to: copy, offset: 0, bytes }]);
    this.arrays.free(result);
    return copy;
  }

  run<P extends string, A extends string>(kernel: Kernel<P, A>, { arrays, parameters, groups, work }: Run<P, A>): void {
    this.checkAlive();
    const buffers = (Object.keys(kernel.arrays) as A[]).map((name) => {
      const { storage } = this.stored(arrays[name]);
      return { buffer: storage!.buffer, size: Math.min(storage!.buffer.size, roundUp(storage!.bytes, bindingStep)) };
    });
    const numbers = (Object.keys(kernel.parameters) as P[]).map((name) => parameters[name]);
    if (groups.some((count) => count === 0)) return;
    this.recorder.record({ kernel: kernel as unknown as Kernel, buffers, parameters: numbers, groups, work });
  }

  /** The array itself, with its numbers in memory. */
  stored(array: DeviceArray): DeviceArray {
    if (array.freed) throw foreignArray();
    if (array.storage) return array;
    return this.write(new Float32Array(sizeOf(array.shape)).fill(array.value), array.shape);
  }

  /** The same memory under another shape. */
  reshape(array: DeviceArray, shape: Shape): DeviceArray {
    if (array.freed) throw foreignArray();
    return this.arrays.track(new DeviceArray(shape, array.storage, array.value));
  }

  /** Reads, and frees what was read. */
  async download<R extends Record<string, DeviceArray>>(arrays: R): Promise<{ [K in keyof R]: FloatArray }> {
    const read = this.copyForHost(arrays);
    const results: Record<string, FloatArray> = {};
    try {
      await read.buffer?.mapAsync(1);
      await this.watch.settle();
      const bytes = read.buffer?.getMappedRange() ?? new ArrayBuffer(0);
      for (const { name, offset, size } of read.parts) results[name] = new Float32Array(bytes, offset, size).slice();
      for (const { name, array } of read.constants)
        results[name] = new Float32Array(sizeOf(array.shape)).fill(array.value);
      read.buffer?.unmap();
      if (read.buffer) this.pool.give(read.buffer, "read", 0);
    } catch (error) {
      read.buffer?.destroy();
      if (read.buffer) this.pool.forget();
      // What is left over from a failure isn't used again.
      this.pool.trim(this.recorder.serial, true);
      throw EnergyError.isInstance(error) ? error : await this.watch.explain(error);
    }
    return results as { [K in keyof R]: FloatArray };
  }

  /** Submits what was recorded. */
  flush(): void {
    this.recorder.flush();
  }

  /** Frees what `body` made and did not return, inside objects and lists too. */
  scope<R>(body: () => R): R {
    return this.arrays.scope(body);
  }

  /** Made once, beyond every scope. */
  constant(key: string, make: () => DeviceArray): DeviceArray {
    return this.arrays.constant(key, make);
  }

  /** The same numbers, beyond every scope, until they are freed: for what goes on after its caller's scope ended. */
  hold(array: DeviceArray): DeviceArray {
    if (array.freed) throw foreignArray();
    return new DeviceArray(array.shape, array.storage, array.value);
  }

  free(array: DeviceArray): void {
    this.arrays.free(array);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.recorder.drop();
    this.arrays.freeConstants();
    this.pool.trim(this.recorder.serial + 1, true);
    this.recorder.destroy();
    this.pipelines.clear();
    if (this.ownsDevice) this.device.destroy();
  }

  /** @throws EnergyError once the device is lost, or this was disposed of */
  checkAlive(): void {
    if (this.isDisposed) throw disposed();
    this.watch.checkAlive();
  }

  /** Records copies of all arrays into one buffer, submits everything, and frees the arrays. */
  private copyForHost(arrays: Readonly<Record<string, DeviceArray>>) {
    this.checkAlive();
    const entries = Object.entries(arrays);
    for (const [, array] of entries) if (array.freed) throw foreignArray();
    const constants = entries.filter(([, { storage }]) => !storage).map(([name, array]) => ({ name, array }));
    const stored = entries.filter(([, { storage }]) => storage);
    let total = 0;
    const parts = stored.map(([name, { shape }]) => {
      const offset = total;
      total += roundUp(4 * sizeOf(shape), 16);
      return { name, offset, size: sizeOf(shape) };
    });
    if (total > this.device.limits.maxBufferSize) {
      throw tooMuchToRead(total, this.device.limits.maxBufferSize);
    }
    const buffer = total > 0 ? this.pool.take(total, "read") : undefined;
    const copies = stored.map(
      ([, { storage }], n): ReadCopy => ({
        from: storage!.buffer,
        to: buffer!,
        offset: parts[n]!.offset,
        bytes: 4 * parts[n]!.size,
      }),
    );
    this.recorder.flush(copies);
    for (const [, array] of entries) this.free(array);
    this.pool.trim(this.recorder.serial);
    return { buffer, parts, constants };
  }

  private checkSize(bytes: number, shape: Shape): void {
    // Kernels see whole vectors of four numbers, and limits needn't be: 2³¹ − 4 is a common one.
    const whole = roundUp(bytes, bindingStep);
    const { limits } = this.device;
    for (const name of ["maxBufferSize", "maxStorageBufferBindingSize"] as const) {
      if (whole > limits[name]) throw tooLarge(bytes, limits[name], name, shape);
    }
  }

  private discard({ buffer, isOwn }: Storage): void {
    if (!isOwn || this.isDisposed) return;
    this.pool.give(buffer, "storage", this.recorder.serial);
  }
}
