/**
 * weight × energy of a layer's kernel where TensorFlow.js trains on WebGPU: by `@comhe/webgpu` on tfjs's own device. The kernel goes over as a GPU buffer, the
 * energy and its gradient come back as buffers, so that nothing passes through the host, and nobody waits for anything within a step.
 */
import { createProgram, type EnergyConfig, type EnergyProgram } from "@comhe/core";
import { type DeviceArray, type WebgpuBackend, webgpuBackend } from "@comhe/webgpu";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";

/** What fixes a layer's penalty. */
export interface PenaltySettings extends EnergyConfig {
  readonly weight: number;
  readonly seed: number;
  /** The layer's. */
  readonly name: string;
}

export type Regularizer = NonNullable<Parameters<typeof tf.layers.dense>[0]["kernelRegularizer"]>;

export class SharedDevice {
  private constructor(private readonly backend: WebgpuBackend) {}

  /** @throws where the browser gives tfjs no WebGPU */
  static async open(): Promise<SharedDevice> {
    // Small tensors that the host has would be computed there, and have no buffer.
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    const starts = await tf.setBackend("webgpu").catch(() => false);
    if (!starts) throw new Error("TensorFlow.js can't start WebGPU in this browser: choose WebAssembly or WebGL.");
    await tf.ready();
    const { device } = tf.backend() as unknown as { readonly device: GPUDevice };
    return new SharedDevice(await webgpuBackend({ device }));
  }

  /** For `kernelRegularizer`. */
  penalty({ weight, seed, name, ...config }: PenaltySettings): Regularizer {
    const program = createProgram(config, { seed, name });
    return new DevicePenalty((kernel) => this.penaltyOf(program, weight, kernel)) as unknown as Regularizer;
  }

  /** Frees our buffers; the device is tfjs's. */
  close(): void {
    this.backend.dispose();
  }

  /** Differentiable: autodiff sees one operation, whose gradient is there already. */
  private penaltyOf(program: EnergyProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
    const operation = tf.customGrad((...args) => {
      const [of, save] = args as [tf.Tensor, tf.GradSaveFunc];
      const { energy, gradient } = this.evaluate(program, of);
      save([gradient]);
      return {
        value: tf.mul(energy, weight),
        gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved!, tf.mul(dy, weight)),
      };
    });
    return tf.tidy(() => operation(kernel) as tf.Scalar);
  }

  /** One step of the program: the energy of a kernel `[inputs, units]`, and its gradient in that shape. */
  private evaluate(program: EnergyProgram, kernel: tf.Tensor): { energy: tf.Tensor; gradient: tf.Tensor } {
    const { backend } = this;
    const [dim, count] = kernel.shape as [number, number];
    // Neurons are columns of the kernel, and rows of what an energy is of.
    const { buffer } = tf.transpose(kernel).dataToGPU();
    const rows = () => {
      throw new Error("No strategy of this page looks at the weights on the host.");
    };
    const { energy, gradient } = backend.scope(() => {
      const { energy, gradient } = program.compose(backend, backend.fromBuffer(buffer!, [1, count, dim]), {
        count,
        dim,
        rows,
      });
      return { energy, gradient };
    });
    program.advance(undefined);
    return { energy: this.tensorOf(energy, []), gradient: tf.transpose(this.tensorOf(gradient, [count, dim])) };
  }

  /** tfjs copies the buffer, on the device, into one that it keeps for itself. */
  private tensorOf(array: DeviceArray, shape: number[]): tf.Tensor {
    const buffer = this.backend.toBuffer(array);
    const tensor = tf.tensor({ buffer }, shape);
    buffer.destroy();
    return tensor;
  }
}

/** What tfjs takes for a regularizer: its base class isn't exported, and a built-in one leads to it. */
const RegularizerBase = Object.getPrototypeOf(
  tf.regularizers.l2({ l2: 1 }).constructor,
) as new () => tf.serialization.Serializable;

class DevicePenalty extends RegularizerBase {
  static readonly className = "DevicePenalty";

  constructor(readonly apply: (kernel: tf.Tensor) => tf.Scalar) {
    super();
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}
