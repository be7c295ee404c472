/** What may go wrong on a device, as errors that say what to do. */
import { EnergyError, type Shape } from "@comhe/core";
import type { GpuKernel, GpuMode } from "./gpu-js.js";
import { mostNumbers } from "./kernel-code.js";

const unsupported = (message: string, details: Record<string, unknown>, cause?: unknown) =>
  new EnergyError("unsupported", message, details, cause);

export function checkLength(length: number, shape: Shape): void {
  if (length <= mostNumbers) return;
  throw unsupported(
    `gpu.js counts in float32, so an array may hold ${mostNumbers} numbers at most; got ${length}, of shape ` +
      `[${shape.join(", ")}]. Project to fewer dimensions, take fewer projections at once, or use the wasm backend.`,
    { shape, mostNumbers },
  );
}

/** gpu.js falls back to the CPU with a line on the console; a backend must not become another unasked. */
export function checkMode({ kernel }: GpuKernel, mode: GpuMode): void {
  const ran = kernel.constructor.mode;
  // WebGL kernels of any version say "gpu".
  if (ran !== "cpu" || mode === "cpu") return;
  throw unsupported(
    `A kernel can't run in gpu.js mode "${mode}" and ran in "${ran}" instead` +
      `${kernel.fallbackReason ? ` (${kernel.fallbackReason})` : ""}. Ask for that mode, or another one, by itself.`,
    { mode, ran },
  );
}

export function disposedOf(mode: GpuMode): EnergyError {
  return unsupported(`The backend gpujs-${mode} was disposed of. Make a new one.`, { mode });
}

const goOn =
  "Dispose of this backend, make a new one with gpujsBackend(), and evaluate again; a saved evaluator state goes on there.";

export function contextLost(): EnergyError {
  return unsupported(
    `The WebGL context was lost (the GPU was reset, or taken by another page), and every array on it. ${goOn}`,
    { contextLost: true },
  );
}

export function deviceLost(cause?: unknown): EnergyError {
  return unsupported(
    `The WebGPU device was lost (the GPU was reset, or the device destroyed), and every array on it. ${goOn}`,
    { contextLost: true },
    cause,
  );
}

/** @param what the device said; numbers that came after it may be wrong */
export function deviceFailed(mode: GpuMode, what: string): EnergyError {
  return unsupported(
    `The device reported an error in gpu.js mode "${mode}", after which its numbers can't be trusted: ${what.replace(/\s+/g, " ").replace(/[. ]+$/, "")}. It may be ` +
      `out of memory: project to fewer dimensions, take fewer projections at once, or give a smaller tileBytes. ${goOn}`,
    { mode, what },
  );
}

/** What gpu.js threw. */
export function kernelFailed(mode: GpuMode, error: unknown): EnergyError {
  if (EnergyError.isInstance(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/device (was|is) lost|device lost|from a different WebGPU device/i.test(message)) return deviceLost(error);
  if (/larger than|per storage buffer|limit of|out of memory/i.test(message)) {
    return unsupported(
      `Too large for this device in gpu.js mode "${mode}": ${message}. Project to fewer dimensions, take fewer ` +
        'projections at once, give a smaller tileBytes, or use mode "webasm" or the wasm backend.',
      { mode },
      error,
    );
  }
  return unsupported(`A kernel failed in gpu.js mode "${mode}": ${message}`, { mode }, error);
}
