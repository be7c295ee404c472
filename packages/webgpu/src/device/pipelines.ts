/** Compiled kernels, each once; the least recently used go first. */
import type { Binding, Kernel } from "./kernel.js";
import { kernelText, parameterNames } from "./kernel.js";

/** Kernels kept. */
const keptKernels = 512;
/** COMPUTE */
const visibility = 4;

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Bytes of the parameters. */
  readonly parameterBytes: number;
}

export class Pipelines {
  private readonly device: GPUDevice;
  private readonly known = new Map<string, Pipeline>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  get size(): number {
    return this.known.size;
  }

  get(kernel: Kernel): Pipeline {
    const found = this.known.get(kernel.name);
    if (found) {
      this.known.delete(kernel.name);
      this.known.set(kernel.name, found);
      return found;
    }
    const made = this.compile(kernel);
    this.known.set(kernel.name, made);
    if (this.known.size > keptKernels) this.known.delete(this.known.keys().next().value!);
    return made;
  }

  clear(): void {
    this.known.clear();
  }

  private compile(kernel: Kernel): Pipeline {
    const { device } = this;
    const parameterBytes = Math.ceil(parameterNames(kernel).length / 4) * 16;
    const layout = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility,
          buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: parameterBytes },
        },
        ...Object.values<Binding>(kernel.arrays).map(({ writes }, n) => ({
          binding: n + 1,
          visibility,
          buffer: { type: writes ? ("storage" as const) : ("read-only-storage" as const) },
        })),
      ],
    });
    const pipeline = device.createComputePipeline({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: {
        module: device.createShaderModule({ label: kernel.name, code: kernelText(kernel) }),
        entryPoint: "main",
      },
    });
    return { pipeline, layout, parameterBytes };
  }
}
