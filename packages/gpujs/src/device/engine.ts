/**
 * Runs kernels on one gpu.js instance and keeps account of memory. A kernel is source text with constants; it is compiled
 * once for its constants and for the extents of its operands and results, and kept. Results stay on the device: a
 * texture, a WebGPU buffer, or, in modes cpu and webasm, host memory.
 *
 * Kernels read their operands flat, `a[index]`, whatever shape wrote them. gpu.js counts in float32, so an array holds
 * 2²⁴ numbers at most.
 */
import { EnergyError, type FloatArray, type MaybePromise, type Shape } from "@comhe/core";
import { DeviceArray, type DeviceHandle, type DeviceValue, type Extent, type Storage, sizeOf } from "./device-array.js";
import type { GpuJs, GpuKernel, GpuLike, GpuMode } from "./gpu-js.js";
import { KernelCache } from "./kernel-cache.js";
import { CommandQueue, isPromise } from "./pending.js";

export interface KernelCode {
  /** Stands for the source in the cache: one name, one source. */
  readonly name: string;
  /** `function(a, b) { … }`, of the operands in order. */
  readonly source: string;
  /** Whole numbers, read as `this.constants.name`. */
  readonly constants?: Readonly<Record<string, number>> | undefined;
}

/** An array read with extents of its own, `a[z][y][x]`: modes on the host count whole numbers then, which is faster. */
export interface View {
  readonly array: DeviceArray;
  readonly size: Extent;
}

/** Host memory is uploaded. */
export type KernelOperand = DeviceArray | View | Float32Array | number;

/** The most numbers of an array: every index below it is a float32 number. */
export const mostNumbers = 2 ** 24;

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
  private readonly kept = new Map<string, DeviceArray>();
  private scopes: Set<DeviceArray>[] = [];
  private storages = 0;
  private bytes = 0;
  private disposed = false;

  constructor({ gpu, gpujs, mode, ownsGpu }: EngineOptions) {
    this.gpu = gpu;
    this.gpujs = gpujs;
    this.mode = mode;
    this.ownsGpu = ownsGpu;
    this.onHost = mode === "cpu" || mode === "webasm";
    this.onTextures = mode === "webgl" || mode === "webgl2" || mode === "headlessgl";
  }

  /** Arrays and bytes alive on the device, without those kept as constants, and kernels compiled. */
  memory(): { readonly arrays: number; readonly bytes: number; readonly kernels: number } {
    return { arrays: this.storages - this.kept.size, bytes: this.bytes, kernels: this.kernels.size };
  }

  upload(data: FloatArray, shape: Shape): DeviceArray {
    this.checkAlive();
    const length = sizeOf(shape);
    this.checkLength(length, shape);
    // A copy: the caller may refill its array.
    const host = Float32Array.from(data);
    if (this.onHost) return this.track(new DeviceArray(shape, this.newStorage([length, 1, 1], 1, host)));
    return this.run(
      { name: "upload", source: "function(a) { return a[this.thread.x]; }" },
      [host],
      [length, 1, 1],
      shape,
    );
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
    this.checkLength(extent[0] * extent[1] * extent[2], shape);
    operands = operands.map((operand) => (operand instanceof DeviceArray ? this.summed(operand) : operand));
    // Only a texture has texels of four numbers; elsewhere they lie one after the other.
    const scattered = lanes === 4 && !this.onTextures;
    const storage = this.newStorage(
      scattered ? [extent[0] * 4, extent[1], extent[2]] : extent,
      scattered ? 1 : lanes,
      undefined,
    );
    const result = this.track(new DeviceArray(shape, storage));
    this.queue.submit(() => this.execute(code, operands, extent, lanes, storage));
    return result;
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

  /** The array itself, or the sum it stands for, taken on the device. */
  private summed(array: DeviceArray): DeviceArray {
    const { pendingSum } = array;
    if (!pendingSum) return array;
    const { width, scale, offset } = pendingSum;
    const rows = this.track(new DeviceArray(array.shape, array.storage));
    return this.run(sumOfRows(width), [rows, scale, offset], [array.shape[0]!, 1, 1], array.shape);
  }

  /** `[batch]`: offset + scale·(sum of each `width` numbers of `rows`), not yet taken. */
  sumLater(rows: DeviceArray, width: number, scale: number, offset: number): DeviceArray {
    const batch = sizeOf(rows.shape) / width;
    return this.track(new DeviceArray([batch], rows.storage, { width, scale, offset }));
  }

  async download<R extends Record<string, DeviceArray>>(arrays: R): Promise<{ [K in keyof R]: FloatArray }> {
    const read = Object.entries(arrays).map(([name, array]) => this.read(array).then((data) => [name, data] as const));
    try {
      return Object.fromEntries(await Promise.all(read)) as { [K in keyof R]: FloatArray };
    } finally {
      for (const array of Object.values(arrays)) this.free(array);
    }
  }

  /** Frees what `body` made and did not return, inside objects and arrays too. */
  scope<R>(body: () => R): R {
    const made = new Set<DeviceArray>();
    this.scopes.push(made);
    let result: R | undefined;
    try {
      result = body();
      return result;
    } finally {
      this.scopes.pop();
      const outer = this.scopes.at(-1);
      for (const array of arraysIn(result)) if (made.delete(array)) outer?.add(array);
      for (const array of made) this.free(array);
    }
  }

  /** Made once, beyond every scope. */
  constant(key: string, make: () => DeviceArray): DeviceArray {
    const known = this.kept.get(key);
    if (known) return known;
    const scopes = this.scopes;
    this.scopes = [];
    try {
      const made = this.scope(make);
      this.kept.set(key, made);
      return made;
    } finally {
      this.scopes = scopes;
    }
  }

  free(array: DeviceArray): void {
    if (array.freed || this.isKept(array)) return;
    array.freed = true;
    for (const scope of this.scopes) scope.delete(array);
    this.release(array.storage);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.queue.settled();
    for (const { storage } of this.kept.values()) this.release(storage);
    this.kept.clear();
    this.kernels.clear();
    if (this.ownsGpu) await this.gpu.destroy();
  }

  private isKept(array: DeviceArray): boolean {
    for (const kept of this.kept.values()) if (kept === array) return true;
    return false;
  }

  private track(array: DeviceArray): DeviceArray {
    this.scopes.at(-1)?.add(array);
    return array;
  }

  private newStorage(extent: Extent, lanes: 1 | 4, value: DeviceValue | undefined): Storage {
    const bytes = extent[0] * extent[1] * extent[2] * lanes * 4;
    this.storages++;
    this.bytes += bytes;
    const onFree = () => {
      this.storages--;
      this.bytes -= bytes;
    };
    return { extent, lanes, value, error: undefined, references: 0, onFree };
  }

  private release(storage: Storage): void {
    if (--storage.references > 0) return;
    storage.onFree();
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
    const arrived = (value: unknown) => {
      result.value = this.onHost ? flatten(value, sizeOf(result.extent)) : this.asHandle(value, result);
    };
    const failed = (error: unknown) => {
      result.error = this.explain(error);
    };
    try {
      for (const operand of operands) {
        const error = arrayOf(operand)?.storage.error;
        if (error) throw error;
      }
      const { kernel, compiled } = this.kernels.get(this.keyOf(code, operands, extent, lanes), result, () =>
        this.compile(code, extent, lanes),
      );
      const value = kernel(...operands.map((operand) => this.argumentOf(operand)));
      if (compiled) this.checkMode(kernel);
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

  private keyOf(
    { name, constants = {} }: KernelCode,
    operands: readonly KernelOperand[],
    extent: Extent,
    lanes: number,
  ): string {
    const sizes = operands.map((operand) => {
      if (typeof operand === "number") return "n";
      if (operand instanceof Float32Array) return operand.length;
      if ("size" in operand) return operand.size.join("×");
      const { storage } = operand;
      return this.onHost ? sizeOf(storage.extent) : `${storage.extent.join("×")}×${storage.lanes}`;
    });
    return `${name}|${Object.values(constants).join()}|${extent.join("×")}×${lanes}|${sizes.join()}`;
  }

  private compile({ source, constants = {} }: KernelCode, extent: Extent, lanes: 1 | 4): GpuKernel {
    const [x, y, z] = extent;
    // gpu.js makes a texture of [x, y] as wide as x, and any other one nearly square: long rows would not fit.
    const turned = this.onTextures && y > 1 && z === 1;
    const text = turned ? source.replaceAll("this.thread.z", "0").replaceAll("this.thread.y", "this.thread.z") : source;
    const output = turned ? [x, 1, y] : z > 1 ? [x, y, z] : y > 1 ? [x, y] : [x];
    const made = this.gpu.createKernel(text, {
      output,
      constants,
      constantTypes: Object.fromEntries(Object.keys(constants).map((name) => [name, "Integer"])),
      returnType: lanes === 4 ? "Array(4)" : "Number",
      precision: "single",
      tactic: "precision",
      pipeline: true,
      immutable: true,
      fixIntegerDivisionAccuracy: false,
      loopMaxIterations: mostNumbers,
    });
    if (this.mode === "webasm") leaveFlat(made);
    return made;
  }

  private argumentOf(operand: KernelOperand): unknown {
    if (typeof operand === "number") return operand;
    if (operand instanceof Float32Array) return this.gpujs.input(operand, [operand.length]);
    if ("size" in operand) return this.gpujs.input(operand.array.storage.value as Float32Array, operand.size);
    return operand.storage.value;
  }

  private asHandle(value: unknown, { extent }: Storage): DeviceHandle {
    const handle = value as DeviceHandle & { componentCount?: number; output?: number[] };
    // gpu.js refuses WebGPU buffers of quads as operands, though their numbers lie as those of any buffer.
    if (handle.componentCount !== undefined) {
      handle.componentCount = 1;
      handle.output = [...extent];
    }
    return handle;
  }

  private async read(array: DeviceArray): Promise<Float32Array> {
    this.checkAlive();
    const settled = this.queue.settled();
    if (settled) await settled;
    const { storage, pendingSum } = array;
    if (storage.error) throw storage.error;
    this.checkContext();
    let data: Float32Array;
    if (storage.value instanceof Float32Array) data = storage.value.slice();
    else {
      const length = sizeOf(storage.extent);
      const value = storage.value!.toArray() as MaybePromise<unknown>;
      data = flatten(isPromise(value) ? await value : value, length);
      this.checkContext();
    }
    if (!pendingSum) return data;
    const { width, scale, offset } = pendingSum;
    return Float32Array.from(array.shape.length === 0 ? [0] : { length: array.shape[0]! }, (_, b) => {
      let sum = 0;
      for (let n = b * width; n < (b + 1) * width; n++) sum += data[n]!;
      return offset + scale * sum;
    });
  }

  private checkLength(length: number, shape: Shape): void {
    if (length <= mostNumbers) return;
    throw new EnergyError(
      "unsupported",
      `gpu.js counts in float32, so an array may hold ${mostNumbers} numbers at most; got ${length}, of shape ` +
        `[${shape.join(", ")}]. Project to fewer dimensions, take fewer projections at once, or use the wasm backend.`,
      { shape, mostNumbers },
    );
  }

  private checkAlive(): void {
    if (this.disposed) {
      throw new EnergyError("unsupported", `The backend gpujs-${this.mode} was disposed of. Make a new one.`);
    }
    this.checkContext();
  }

  private checkContext(): void {
    const context = this.gpu.context as { isContextLost?: () => boolean } | null | undefined;
    if (!this.onTextures || !context?.isContextLost?.()) return;
    throw new EnergyError(
      "unsupported",
      "The WebGL context was lost (the GPU was reset, or taken by another page), and every array on it. Dispose of " +
        "this backend, make a new one with gpujsBackend(), and evaluate again; a saved evaluator state goes on there.",
      { contextLost: true },
    );
  }

  /** gpu.js falls back to the CPU with a line on the console; a backend must not become another unasked. */
  private checkMode({ kernel }: GpuKernel): void {
    const ran = kernel.constructor.mode;
    // WebGL kernels of any version say "gpu".
    if (ran !== "cpu" || this.mode === "cpu") return;
    throw new EnergyError(
      "unsupported",
      `A kernel can't run in gpu.js mode "${this.mode}" and ran in "${ran}" instead` +
        `${kernel.fallbackReason ? ` (${kernel.fallbackReason})` : ""}. Ask for that mode, or another one, by itself.`,
      { mode: this.mode, ran },
    );
  }

  private explain(error: unknown): EnergyError {
    if (EnergyError.isInstance(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    try {
      this.checkContext();
    } catch (lost) {
      return lost as EnergyError;
    }
    if (/larger than|per storage buffer|limit of|out of memory/i.test(message)) {
      return new EnergyError(
        "unsupported",
        `Too large for this device in gpu.js mode "${this.mode}": ${message}. Project to fewer dimensions, take fewer ` +
          'projections at once, give a smaller tileBytes, or use mode "webasm" or the wasm backend.',
        { mode: this.mode },
        error,
      );
    }
    if (/device (was|is) lost|device lost/i.test(message)) {
      return new EnergyError(
        "unsupported",
        `The WebGPU device was lost, and every array on it: ${message}. Make a new backend and evaluate again.`,
        { contextLost: true },
        error,
      );
    }
    return new EnergyError(
      "unsupported",
      `A kernel failed in gpu.js mode "${this.mode}": ${message}`,
      { mode: this.mode },
      error,
    );
  }
}

function arrayOf(operand: KernelOperand): DeviceArray | undefined {
  if (typeof operand === "number" || operand instanceof Float32Array) return undefined;
  return "size" in operand ? operand.array : operand;
}

function sumOfRows(width: number): KernelCode {
  return {
    name: "sum of rows",
    source: `function(a, scale, offset) {
      let sum = 0;
      for (let k = 0; k < this.constants.width; k++) { sum += a[this.thread.x * this.constants.width + k]; }
      return offset + scale * sum;
    }`,
    constants: { width },
  };
}

/**
 * gpu.js shapes a result of four numbers per thread as an object per thread, which takes a third of a small tile's time,
 * though its numbers lie in one piece already. `_shapeOutput` is a method of gpu.js's own: where a version has none, or
 * puts another kernel in this one's place, results come shaped and {@link flatten} takes them apart.
 */
function leaveFlat({ kernel }: GpuKernel): void {
  if (typeof kernel._shapeOutput === "function") kernel._shapeOutput = (numbers) => numbers;
}

/** Nested rows as gpu.js shapes them, into one piece: without a copy where they are views of one. */
function flatten(value: unknown, length: number): Float32Array {
  let leaf = value;
  while (Array.isArray(leaf)) leaf = leaf[0];
  const first = leaf as Float32Array;
  if (first.length === length) return first;
  if (first.byteOffset === 0 && first.buffer.byteLength === length * 4) return new Float32Array(first.buffer);
  const result = new Float32Array(length);
  let at = 0;
  const copy = (part: unknown) => {
    if (Array.isArray(part)) part.forEach(copy);
    else {
      result.set(part as Float32Array, at);
      at += (part as Float32Array).length;
    }
  };
  copy(value);
  return result;
}

/** Every array in `value`, through plain objects and lists. */
function* arraysIn(value: unknown, seen = new Set<object>()): Generator<DeviceArray> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof DeviceArray) yield value;
  else if (!ArrayBuffer.isView(value)) for (const part of Object.values(value)) yield* arraysIn(part, seen);
}
