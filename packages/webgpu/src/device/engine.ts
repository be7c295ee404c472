/** Runs kernels on one device: arrays and their scopes, commands and reading, each in a file of its own, put together. */
import { EnergyError, type FloatArray, type Shape } from "@comhe/core";
import { ArrayScopes } from "@comhe/core/tensor-backend";
import { type Block, runOf, storedBlocksOf, wholeOf } from "./blocks.js";
import { BufferPool } from "./buffer-pool.js";
import { DeviceArray, type Storage } from "./device-array.js";
import { DeviceWatch } from "./device-watch.js";
import { disposed, foreignArray, inSeveralBuffers, tooLarge } from "./failures.js";
import type { Kernel } from "./kernel.js";
import { Pipelines } from "./pipelines.js";
import { planReading, runsOf, takeResults } from "./reading.js";
import { type Groups, type ReadCopy, Recorder, type RecorderOptions } from "./recorder.js";
import { roundUp, sizeOf } from "./sizes.js";

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

/** A block of an array, as an array. */
export interface Part {
  readonly block: Block;
  readonly array: DeviceArray;
}

const whole = (buffer: GPUBuffer, bytes: number, isOwn = true) => ({ buffers: [buffer], bytes, isOwn });

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

  /** Whether an array of that shape has to lie in several buffers, and can. */
  isLarge(shape: Shape): boolean {
    return (storedBlocksOf(shape, this.largestArray)?.length ?? 0) > 1;
  }

  /** An array whose numbers will be written block by block where they are more than a buffer may hold. */
  makeLarge(shape: Shape): DeviceArray {
    const blocks = this.blocksFor(shape);
    if (blocks.length === 1) return this.make(shape);
    const buffers = blocks.map((block) => this.pool.take(4 * runOf(block, shape).size, "storage"));
    return this.arrayOver(shape, { buffers, blocks, bytes: 4 * sizeOf(shape), isOwn: true });
  }

  /** The blocks that an array of several buffers lies in, each an array over its buffer; one block where it lies in one. */
  partsOf(array: DeviceArray): readonly Part[] {
    const { storage, shape } = array;
    if (!storage?.blocks) return [{ block: wholeOf(shape), array }];
    return storage.blocks.map((block, n) => {
      const part = [block.entries, block.rows, shape[2]!];
      return { block, array: this.arrayOver(part, whole(storage.buffers[n]!, 4 * sizeOf(part), false)) };
    });
  }

  /** An array whose numbers a kernel will write. Bytes are those of the shape, or more where a kernel wants padding. */
  make(shape: Shape, bytes = 4 * sizeOf(shape)): DeviceArray {
    this.checkAlive();
    this.checkSize(bytes, shape);
    return this.arrayOver(shape, whole(this.pool.take(bytes, "storage"), bytes));
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
    const blocks = this.blocksFor(shape);
    const buffers = blocks.map((block) => {
      const run = blocks.length === 1 ? { start: 0, size } : runOf(block, shape);
      const buffer = this.pool.take(4 * run.size, "storage", this.recorder.serial);
      this.watch.guard(() => {
        this.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>, run.start, run.size);
      });
      return buffer;
    });
    return this.arrayOver(shape, {
      ...{ buffers, bytes: 4 * size, isOwn: true },
      blocks: blocks.length > 1 ? blocks : undefined,
    });
  }

  private arrayOver(shape: Shape, storage: Omit<Storage, "references">): DeviceArray {
    return this.arrays.track(new DeviceArray(shape, this.arrays.count({ ...storage, references: 0 })));
  }

  /** Every entry is `value`: no memory until somebody needs it. */
  fill(shape: Shape, value: number): DeviceArray {
    return this.arrays.track(new DeviceArray(shape, undefined, value));
  }

  /** A buffer of somebody else's, which stays theirs. */
  adopt(buffer: GPUBuffer, shape: Shape): DeviceArray {
    this.checkAlive();
    this.checkSize(4 * sizeOf(shape), shape);
    return this.arrayOver(shape, whole(buffer, 4 * sizeOf(shape), false));
  }

  /** Submits everything, and gives away a buffer of the array's numbers and no more: its own one where that is as long, else a copy. */
  release(array: DeviceArray): GPUBuffer {
    this.checkAlive();
    const result = this.stored(array);
    const { buffers, blocks, bytes, isOwn, references } = result.storage!;
    // Others may show it too, or own it; and those who read a buffer whole must not find what it was used for before.
    if (isOwn && references === 1 && !blocks && buffers[0]!.size === bytes) {
      this.recorder.flush();
      this.pool.forget();
      this.arrays.forget(result);
      return buffers[0]!;
    }
    const { maxBufferSize } = this.device.limits;
    if (bytes > maxBufferSize) throw tooLarge(bytes, maxBufferSize, "maxBufferSize", result.shape);
    const copy = this.pool.makeExactly(bytes);
    this.recorder.flush(
      runsOf(result).map(
        ({ buffer, start, bytes }): ReadCopy => ({ from: buffer, to: copy, offset: 4 * start, bytes }),
      ),
    );
    this.arrays.free(result);
    return copy;
  }

  run<P extends string, A extends string>(kernel: Kernel<P, A>, { arrays, parameters, groups, work }: Run<P, A>): void {
    this.checkAlive();
    const buffers = (Object.keys(kernel.arrays) as A[]).map((name) => {
      const { storage, shape } = this.stored(arrays[name]);
      if (storage!.blocks) throw inSeveralBuffers(kernel.name, shape, storage!.buffers.length);
      const [buffer] = storage!.buffers as [GPUBuffer];
      return { buffer, size: Math.min(buffer.size, roundUp(storage!.bytes, bindingStep)) };
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

  /** An array over the memory of another one, with another shape. */
  reshape(array: DeviceArray, shape: Shape): DeviceArray {
    if (array.freed) throw foreignArray();
    if (array.storage?.blocks && String(shape) !== String(array.shape)) {
      throw inSeveralBuffers("reshape", array.shape, array.storage.buffers.length);
    }
    return this.arrays.track(new DeviceArray(shape, array.storage, array.value));
  }

  /** Reads, and frees what was read. */
  async download<R extends Record<string, DeviceArray>>(arrays: R): Promise<{ [K in keyof R]: FloatArray }> {
    const { buffers, reading } = this.copyForHost(arrays);
    try {
      await Promise.all(buffers.map((buffer) => buffer.mapAsync(1)));
      await this.watch.settle();
      const mapped = buffers.map((buffer) => buffer.getMappedRange());
      const results = takeResults(reading, mapped);
      for (const buffer of buffers) {
        buffer.unmap();
        this.pool.give(buffer, "read", 0);
      }
      return results as { [K in keyof R]: FloatArray };
    } catch (error) {
      for (const buffer of buffers) {
        buffer.destroy();
        this.pool.forget();
      }
      // What is left over from a failure isn't used again.
      this.pool.trim(this.recorder.serial, true);
      throw EnergyError.isInstance(error) ? error : await this.watch.explain(error);
    }
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

  /** An array over the numbers of another one that lives beyond every scope, until they are freed: for what goes on after its caller's scope ended. */
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

  /** Records copies of all arrays, into as many buffers as they need, submits everything, and frees the arrays. */
  private copyForHost(arrays: Readonly<Record<string, DeviceArray>>) {
    this.checkAlive();
    const entries = Object.entries(arrays);
    for (const [, array] of entries) if (array.freed) throw foreignArray();
    const reading = planReading(entries, bindingStep, this.device.limits.maxBufferSize);
    const buffers = reading.sizes.map((size) => this.pool.take(size, "read"));
    this.recorder.flush(
      reading.runs.map(
        ({ buffer, to, offset, bytes }): ReadCopy => ({ from: buffer, to: buffers[to]!, offset, bytes }),
      ),
    );
    for (const [, array] of entries) this.free(array);
    this.pool.trim(this.recorder.serial);
    return { buffers, reading };
  }

  /** @throws EnergyError where not even some rows fit into a buffer */
  private blocksFor(shape: Shape): readonly Block[] {
    const blocks = storedBlocksOf(shape, this.largestArray);
    if (!blocks) this.checkSize(4 * sizeOf(shape), shape);
    return blocks!;
  }

  private checkSize(bytes: number, shape: Shape): void {
    // Kernels see whole vectors of four numbers, and limits needn't be: 2³¹ − 4 is a common one.
    const whole = roundUp(bytes, bindingStep);
    const { limits } = this.device;
    for (const name of ["maxBufferSize", "maxStorageBufferBindingSize"] as const) {
      if (whole > limits[name]) throw tooLarge(bytes, limits[name], name, shape);
    }
  }

  private discard({ buffers, isOwn }: Storage): void {
    if (!isOwn || this.isDisposed) return;
    for (const buffer of buffers) this.pool.give(buffer, "storage", this.recorder.serial);
  }
}
