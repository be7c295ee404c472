/** weight × energy of a kernel as one differentiable tensor operation, on the device, with its schedule. */
import type { EnergyProgram, HostArray, Layout } from "@comhe/core";
import { neuronAxes } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { tfjsBackend } from "../backend/tfjs-backend.js";

export interface KernelEnergy {
  /** Unweighted. */
  readonly energy: tf.Scalar;
  /** In the kernel's shape. */
  readonly gradient: tf.Tensor;
}

/** An energy program whose arrays stay on the device for as long as they are the same. */
export class DeviceProgram {
  private readonly held = new Map<HostArray, tf.Tensor>();

  constructor(
    readonly program: EnergyProgram,
    private readonly layout: Layout,
  ) {}

  /** Energy and gradient at the current projections, without a step; call inside a tidy. */
  evaluate(kernel: tf.Tensor): KernelEnergy {
    return this.run(kernel).result;
  }

  /** The same as one step of the schedule: what the strategy keeps stays on the device. Call inside a tidy. */
  step(kernel: tf.Tensor): KernelEnergy {
    const { result, used, keep } = this.run(kernel);
    const kept: Record<string, HostArray> = {};
    for (const [name, { array, shape }] of Object.entries(keep)) {
      const tensor = tf.keep(array.clone());
      // Read only when a state is asked for.
      const host: HostArray = {
        shape,
        get data() {
          return tensor.dataSync<"float32">();
        },
      };
      this.held.set(host, tensor);
      used.add(host);
      kept[name] = host;
    }
    this.program.advance(Object.keys(kept).length === 0 ? undefined : kept);
    this.release(used);
    return result;
  }

  private run(kernel: tf.Tensor) {
    const { count, dim, permutation, identity } = neuronAxes(kernel.shape, this.layout);
    const used = new Set<HostArray>();
    const upload = (array: HostArray) => {
      used.add(array);
      const known = this.held.get(array);
      if (known && !known.isDisposed) return known;
      const data = array.data instanceof Float32Array ? array.data : Float32Array.from(array.data);
      const made = tf.keep(tf.tensor(data, [...array.shape], "float32"));
      this.held.set(array, made);
      return made;
    };
    const ordered = identity ? kernel : tf.transpose(kernel, [...permutation]);
    const rows = tf.reshape(ordered, [1, count, dim]);
    const neurons = { count, dim, rows: () => rows.dataSync<"float32">() };
    const { energy, gradient, keep = {} } = this.program.compose(tfjsBackend(), rows, neurons, upload);
    const shaped = tf.reshape(gradient, ordered.shape);
    const result: KernelEnergy = {
      energy: tf.reshape(energy, []),
      gradient: identity ? shaped : tf.transpose(shaped, inverse(permutation)),
    };
    return { result, used, keep };
  }

  /** Frees what the latest step neither used nor kept. */
  private release(used: ReadonlySet<HostArray>): void {
    for (const [array, tensor] of this.held) {
      if (used.has(array)) continue;
      tensor.dispose();
      this.held.delete(array);
    }
  }

  dispose(): void {
    // What the strategy keeps from step to step goes to the host first.
    this.program.restore(this.program.state());
    this.release(new Set());
  }
}

/**
 * weight × energy with its closed-form gradient: autodiff never sees the pairwise arithmetic, whose powers and angles
 * it would turn to NaN at coincident neurons. Each call is one step of the projection's schedule.
 */
export function penalty(on: DeviceProgram, weight: number, kernel: tf.Tensor): tf.Scalar {
  const bound = tf.customGrad((x, save) => {
    const { energy, gradient } = on.step(x as tf.Tensor);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.mul(energy, weight),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0]!, tf.mul(dy, weight)),
    };
  });
  return bound(kernel) as tf.Scalar;
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((axis, position) => {
    result[axis] = position;
  });
  return result;
}
