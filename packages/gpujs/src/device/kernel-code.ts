/**
 * A kernel as source text with constants, and what it reads. Operands are read flat, `a[index]`, whatever shape wrote them;
 * gpu.js computes such an index in float32, so an array holds 2²⁴ numbers at most.
 */
import { type DeviceArray, type Extent, sizeOf } from "./device-array.js";
import type { GpuJs, GpuKernel, GpuLike, GpuMode } from "./gpu-js.js";
import { leaveFlat } from "./results.js";

export interface KernelCode {
  /** Stands for the source in the cache: one name, one source. */
  readonly name: string;
  /** Writes `function(a, b) { … }`, of the operands in order; asked when it is compiled, not at every run. */
  readonly source: () => string;
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

/** Whether results are host memory. */
export const isHostMode = (mode: GpuMode) => mode === "cpu" || mode === "webasm";

/** Whether results are WebGL textures, in which a quad is a texel. */
export const isTextureMode = (mode: GpuMode) => mode === "webgl" || mode === "webgl2" || mode === "headlessgl";

export function arrayOf(operand: KernelOperand): DeviceArray | undefined {
  if (typeof operand === "number" || operand instanceof Float32Array) return undefined;
  return "size" in operand ? operand.array : operand;
}

/** What a kernel is compiled for: its text and constants, and the extents of its operands and of its result. */
export function kernelKey(
  mode: GpuMode,
  { name, constants = {} }: KernelCode,
  operands: readonly KernelOperand[],
  extent: Extent,
  lanes: 1 | 4,
): string {
  const sizes = operands.map((operand) => {
    if (typeof operand === "number") return "n";
    if (operand instanceof Float32Array) return operand.length;
    if ("size" in operand) return operand.size.join("×");
    const { storage } = operand;
    return isHostMode(mode) ? sizeOf(storage.extent) : `${storage.extent.join("×")}×${storage.lanes}`;
  });
  return `${name}|${Object.values(constants).join()}|${extent.join("×")}×${lanes}|${sizes.join()}`;
}

/** @param lanes numbers that a thread returns */
export function compileKernel(
  gpu: GpuLike,
  mode: GpuMode,
  { source, constants = {} }: KernelCode,
  extent: Extent,
  lanes: 1 | 4,
): GpuKernel {
  const [x, y, z] = extent;
  // gpu.js makes a texture of [x, y] as wide as x, and any other one nearly square: long rows would not fit.
  const turned = isTextureMode(mode) && y > 1 && z === 1;
  const text = source();
  const written = turned ? text.replaceAll("this.thread.z", "0").replaceAll("this.thread.y", "this.thread.z") : text;
  const output = turned ? [x, 1, y] : z > 1 ? [x, y, z] : y > 1 ? [x, y] : [x];
  const made = gpu.createKernel(written, {
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
  if (mode === "webasm") leaveFlat(made);
  return made;
}

/** An operand as gpu.js takes it, once its value has arrived. */
export function argumentOf(gpujs: Pick<GpuJs, "input">, operand: KernelOperand): unknown {
  if (typeof operand === "number") return operand;
  if (operand instanceof Float32Array) return gpujs.input(operand, [operand.length]);
  if ("size" in operand) return gpujs.input(operand.array.storage.value as Float32Array, operand.size);
  return operand.storage.value;
}

/** offset + scale·(sum of each `width` numbers). */
export function sumOfRows(width: number): KernelCode {
  return {
    name: "sum of rows",
    source: () => `function(a, scale, offset) {
      let sum = 0;
      for (let k = 0; k < this.constants.width; k++) { sum += a[this.thread.x * this.constants.width + k]; }
      return offset + scale * sum;
    }`,
    constants: { width },
  };
}
