/** The energy of kernels of one shape and its gradient, step by step: where it is computed, and what stays there. */
import {
  type EnergyProgram,
  type HostArray,
  type KernelPairs,
  type KernelSet,
  kernelPairs,
  type Layout,
  type NeuronAxes,
  neuronAxes,
  plainPairs,
  referenceBackend,
} from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";
import { tfjsBackend } from "../backend/tfjs-backend.js";
import { tensorOf } from "./host-memory.js";
import { energyOnHost, evaluateOnHost, type HostBackend, type HostEnergy, type HostTask } from "./host-program.js";
import { spreadNeurons, takeNeurons } from "./sampled-neurons.js";

/** Energy and gradient of a kernel, as tensors. */
export interface KernelEnergy {
  /** The energy, without the regularizer's weight. */
  readonly energy: tf.Scalar;
  /** ∂energy/∂kernel, in the kernel's shape. */
  readonly gradient: tf.Tensor;
}

const plainJavaScript: HostBackend = referenceBackend();

/** An energy program for kernels, on a host backend or on tensors; there its arrays stay for as long as they are the same. */
export class KernelProgram {
  private readonly held = new Map<HostArray, tf.Tensor>();
  /** Kernels that take what is held with them when they are disposed of. */
  private readonly watched = new Set<tf.Variable>();
  /** Of the latest kernel. */
  private axes: NeuronAxes | undefined;
  /** By the latest backend, of the latest axes. */
  private found: { axes: NeuronAxes; backend: HostBackend; pairs: KernelPairs | undefined } | undefined;
  /** Kernels whose programs have the same name here are computed in the same way, and may be by one call. */
  readonly plainPairs: string | undefined;

  /** @param backend computes every kernel; without one tfjs does, or plain JavaScript on tfjs's cpu engine */
  constructor(
    readonly program: EnergyProgram,
    private readonly layout: Layout,
    public backend?: HostBackend | undefined,
  ) {
    this.plainPairs = plainPairs(program);
  }

  /** Energy and gradient at the current projections, without a step; call inside a tidy. */
  evaluate(kernel: tf.Tensor, backend = this.hostBackend): KernelEnergy {
    if (!backend) return this.run(kernel).result;
    const { energy, writeGradient } = evaluateOnHost(this.taskOf({ kernel, weight: 1 }), backend);
    return { energy: tf.scalar(energy), gradient: tensorOf(kernel.shape, (into) => writeGradient(1, into)) };
  }

  /** The energy alone at the current projections, without a step; call inside a tidy. */
  energy(kernel: tf.Tensor, backend = this.hostBackend): tf.Scalar {
    if (backend) return tf.scalar(energyOnHost(this.taskOf({ kernel, weight: 1 }), backend));
    const { rows, neurons, upload } = this.inputs(kernel);
    return tf.reshape(this.program.composeEnergy(tfjsBackend(), rows, neurons, upload).energy, []);
  }

  /** What computes on the host, if this kernel's energy is to be computed there. */
  get hostBackend(): HostBackend | undefined {
    // tfjs's cpu engine is plain JavaScript too, and the slower one. The bare formula is refused on tensors: on all alike.
    if (tf.getBackend() === "cpu" && this.program.spec.separationFloor > 0) return this.backend ?? plainJavaScript;
    return this.backend;
  }

  /** One step of the schedule, computed on the host. */
  stepOnHost(task: HostTask, backend: HostBackend): HostEnergy {
    const { kept, ...result } = evaluateOnHost(task, backend);
    this.program.advance(kept);
    return result;
  }

  /** What a step of this kernel is for the host. Kernels of one shape follow each other, of which the axes are worked out once. */
  taskOf({ kernel, weight }: Pick<HostTask, "kernel" | "weight">): HostTask {
    const { program, layout, axes } = this;
    const isSame = axes?.shape.length === kernel.rank && kernel.shape.every((size, axis) => size === axes.shape[axis]);
    if (!isSame) this.axes = neuronAxes([...kernel.shape], layout);
    return { program, kernel, weight, layout, axes: this.axes! };
  }

  /** What computes a step of kernels of this shape where they lie, if the program is pairs alone, the backend can, and they lie so. */
  inPlace({ axes }: HostTask, backend: HostBackend): KernelPairs | undefined {
    const { found } = this;
    if (this.plainPairs === undefined) return undefined;
    if (found?.axes === axes && found.backend === backend) return found.pairs;
    const neurons = placeOf(axes);
    const pairs = neurons && kernelPairs(this.program, backend, { count: axes.count, dim: axes.dim, neurons });
    this.found = { axes, backend, pairs };
    return pairs;
  }

  /** One step on tensors: what the strategy keeps stays on the device. Call inside a tidy. */
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

  /** What a program composes with: rows, their source, and an upload that finds what is there already. */
  private inputs(kernel: tf.Tensor) {
    this.watch(kernel);
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
    const some = this.program.sample(count);
    const all = () => (identity ? kernel : tf.transpose(kernel, [...permutation]));
    const rows = some ? takeNeurons(kernel, this.layout, some) : tf.reshape(all(), [1, count, dim]);
    const neurons = { count, dim, rows: () => (some ? all() : rows).dataSync<"float32">() };
    return { rows, neurons, upload, used, some };
  }

  private run(kernel: tf.Tensor) {
    const { count, permutation, identity } = neuronAxes(kernel.shape, this.layout);
    const { rows, neurons, upload, used, some } = this.inputs(kernel);
    const { energy, gradient, keep = {} } = this.program.compose(tfjsBackend(), rows, neurons, upload);
    const spread = some ? spreadNeurons(gradient, count, some) : gradient;
    const shaped = tf.reshape(
      spread,
      permutation.map((axis) => kernel.shape[axis]!),
    );
    const result: KernelEnergy = {
      energy: tf.reshape(energy, []),
      gradient: identity ? shaped : tf.transpose(shaped, inverse(permutation)),
    };
    return { result, used, keep };
  }

  /**
   * tfjs tells nobody that a model or a layer goes, but it disposes of the layer's variables: that of the kernel frees what is held here,
   * however it comes to its end; but for `tf.disposeVariables`, which asks none of them.
   */
  watch(kernel: tf.Tensor): void {
    if (!isVariable(kernel) || this.watched.has(kernel)) return;
    this.watched.add(kernel);
    holdersOf(kernel).add(this);
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
    // Not to be remembered by a kernel that outlives it: a monitor measures by a program of its own each time.
    for (const kernel of this.watched) holdersOf(kernel).delete(this);
    this.watched.clear();
  }
}

/** Of each kernel, what holds tensors for it. */
const holders = new WeakMap<tf.Variable, Set<KernelProgram>>();

/** From the first time on, what holds tensors for the kernel is disposed of with it. */
function holdersOf(kernel: tf.Variable): Set<KernelProgram> {
  const known = holders.get(kernel);
  if (known) return known;
  const made = new Set<KernelProgram>();
  holders.set(kernel, made);
  const dispose = kernel.dispose.bind(kernel);
  kernel.dispose = () => {
    dispose();
    for (const each of [...made]) each.dispose();
  };
  return made;
}

/** Of whichever copy of tfjs-core. A tensor that isn't one is the caller's own, who may call `dispose` of the regularizer. */
function isVariable(kernel: tf.Tensor): kernel is tf.Variable {
  return typeof (kernel as Partial<tf.Variable>).assign === "function";
}

/** How a kernel's neurons lie, if they are the rows or the columns of a matrix. */
function placeOf({ axes, identity, shape }: NeuronAxes): KernelSet["neurons"] | undefined {
  if (identity) return "rows";
  return axes.every((axis, n) => axis === shape.length - axes.length + n) ? "columns" : undefined;
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((axis, position) => {
    result[axis] = position;
  });
  return result;
}
