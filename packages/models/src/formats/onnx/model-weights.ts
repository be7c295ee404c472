/** What {@link readWeights} returns. */
import type { Kernel, Layout, Neurons, Shape } from "@comhe/core/layouts";
import type { AttentionUse } from "./attention-heads.js";

/** The weights of a model, and what of it isn't neurons. */
export interface ModelWeights {
  /** The file's name, or the one given for bytes. */
  readonly name: string;
  /** What wrote it, as it says. */
  readonly producer: string;
  /** What its writer says of it: texts by names. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Operator set versions by domain; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** In the order in which the network uses them. Each is read when it is asked for. */
  readonly weights: readonly ModelWeight[];
  /** Every stored tensor that is in none of `weights`, with the reason. */
  readonly unplaced: readonly UnplacedTensor[];
}

/** A neuron matrix of the model: a layer, or one gate of one. */
export interface ModelWeight {
  /** Unique in the model: the tensor's name, and in brackets the part of it, where it holds several matrices. */
  readonly name: string;
  /** The stored tensor, or the value that is made of several. */
  readonly tensor: string;
  /** "forget gate, recurrent weights", or the number of a matrix in a stack. */
  readonly part: string | undefined;
  /** The operator of the first consumer: "Conv", "MatMul", … */
  readonly op: string;
  /** All nodes that read it so. Tied weights have several. */
  readonly consumers: readonly Consumer[];
  /** As stored: "float32", "float16", "int8", … */
  readonly dataType: string;
  /** Operators between the stored tensor and the consumer, each exact: ["DequantizeLinear", "Transpose"]. */
  readonly via: readonly string[];
  /** The kernel's, as the consumer sees it. */
  readonly shape: Shape;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** N, neurons. */
  readonly count: number;
  /** d, the dimension of each. */
  readonly dim: number;
  /** Groups of a convolution; neurons of different groups see different inputs. */
  readonly groups: number;
  /**
   * Whether norms are those the layer computes with. Not so for ConvInteger and MatMulInteger, whose scale is applied
   * after the product: their numbers are whole steps. Directions, and with them energies, are right in any case.
   */
  readonly scaled: boolean;
  /**
   * The kernel, to hand to `energyAndGradient(backend, spec, kernel)`. Float64Array for float64 weights.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  kernel(): Promise<Required<Kernel>>;
  /**
   * Numbers `from` … `from + count` of the kernel, row major: what streams a table that doesn't fit into memory. Absent
   * where the file keeps them in a way (varints, one by one) in which a part costs as much as the whole.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  kernelPart?(from: number, count: number): Promise<Required<Kernel>["data"]>;
  /**
   * The kernel as rows of neurons, `[N, d]`.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  neurons(): Promise<Neurons>;
}

/** A node that reads a weight. */
export interface Consumer {
  /** Its operator: "Conv", "MatMul", … */
  readonly op: string;
  /** The node's name; its first output's where it has none. */
  readonly node: string;
  /** Where the node is: "" for the main graph, `If_25/then_branch` for a graph in one of its nodes. */
  readonly graph: string;
  /** Which of the node's inputs. */
  readonly input: number;
  /** What its product is to an attention, where one reads it. */
  readonly attention?: AttentionUse | undefined;
}

/** A stored tensor that no layer uses as neurons. */
export interface UnplacedTensor {
  readonly name: string;
  /** The graph that holds it, as in {@link Consumer}. */
  readonly graph: string;
  readonly shape: Shape;
  readonly dataType: string;
  /** In words: "bias of Conv "conv1"", "no node reads it", … */
  readonly reason: string;
}
