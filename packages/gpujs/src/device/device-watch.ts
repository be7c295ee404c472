/**
 * Asks the device what no exception tells. Once a WebGL context or a WebGPU device is lost, or is out of memory, commands do
 * nothing without a word, and what is read is zeros or what lay there before.
 */
import type { EnergyError } from "@comhe/core";
import { contextLost, deviceFailed, deviceLost, kernelFailed } from "./failures.js";
import type { GpuKernel, GpuLike, GpuMode } from "./gpu-js.js";
import { isTextureMode } from "./kernel-code.js";

/** Errors after which a texture holds what it held before, with the names WebGL gives them. */
const silentErrors: Readonly<Record<number, string>> = { 1285: "OUT_OF_MEMORY", 1286: "INVALID_FRAMEBUFFER_OPERATION" };

interface WebGL {
  isContextLost?(): boolean;
  getError?(): number;
}

/** gpu.js's: one for all kernels of a page, until it is lost. */
interface WebGPU {
  readonly isLost: boolean;
  readonly device: {
    readonly lost: Promise<unknown>;
    addEventListener(type: "uncapturederror", listener: (event: { error: Error }) => void): void;
    removeEventListener(type: "uncapturederror", listener: (event: { error: Error }) => void): void;
  };
}

export class DeviceWatch {
  private readonly mode: GpuMode;
  private readonly gpu: GpuLike;
  private webgpu: WebGPU | undefined;
  private failure: EnergyError | undefined;

  constructor(mode: GpuMode, gpu: GpuLike) {
    this.mode = mode;
    this.gpu = gpu;
  }

  /** A kernel has run: in WebGPU it knows the device from then on. */
  saw({ kernel }: GpuKernel): void {
    if (this.mode !== "webgpu" || this.webgpu) return;
    this.webgpu = kernel.context as WebGPU;
    this.webgpu.device.addEventListener("uncapturederror", this.onError);
  }

  /** @throws EnergyError `unsupported`, `details.contextLost`, once context or device are lost */
  checkAlive(): void {
    if (this.failure) throw this.failure;
    if (this.webgpu?.isLost) throw deviceLost();
    if (isTextureMode(this.mode) && this.webgl()?.isContextLost?.()) throw contextLost();
  }

  /** After a reading, which waits for all that came before it. @throws EnergyError where an error made it worthless */
  checkErrors(): void {
    if (isTextureMode(this.mode)) {
      const name = silentErrors[this.webgl()?.getError?.() ?? 0];
      if (name) this.failure = deviceFailed(this.mode, name);
    }
    this.checkAlive();
  }

  /** What a kernel or a reading threw, as an error that says what to do. */
  explain(error: unknown): EnergyError {
    try {
      this.checkAlive();
    } catch (lost) {
      return lost as EnergyError;
    }
    return kernelFailed(this.mode, error);
  }

  stop(): void {
    this.webgpu?.device.removeEventListener("uncapturederror", this.onError);
  }

  private readonly onError = ({ error }: { error: Error }) => {
    this.failure ??= deviceFailed(this.mode, error.message);
  };

  private webgl(): WebGL | null | undefined {
    return this.gpu.context as WebGL | null | undefined;
  }
}
