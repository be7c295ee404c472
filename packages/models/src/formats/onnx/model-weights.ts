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
  /** The versions of the operator sets that the model uses, by their domain; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** The matrices of neurons, in the order in which the network uses them. Each is read when it is asked for. */
  readonly weights: readonly ModelWeight[];
  /** Every stored tensor that is in none of `weights`, with the reason. */
  readonly unplaced: readonly UnplacedTensor[];
}

/** A neuron matrix of the model: a layer, or one gate of one. */
export interface ModelWeight {
  /** Its name, unique in the model: the tensor's name, and in brackets the part of it, where it holds several matrices. */
  readonly name: string;
  /** The name of the stored tensor, or of the value that is made of several. */
  readonly tensor: string;
  /** Which part of the tensor it is, "forget gate, recurrent weights" say, or the number of a matrix in a stack; `undefined`: all of it. */
  readonly part: string | undefined;
  /** The operator of the first node that reads it: "Conv", "MatMul", … */
  readonly op: string;
  /** All nodes that read it in this way. Tied weights have several. */
  readonly consumers: readonly Consumer[];
  /** The type of its numbers as they are stored: "float32", "float16", "int8", … */
  readonly dataType: string;
  /** The operators between the stored tensor and the node that reads it, all of which are computed exactly: ["DequantizeLinear", "Transpose"]. */
  readonly via: readonly string[];
  /** The sizes of the kernel's axes, as the node sees it. */
  readonly shape: Shape;
  /** Which of its axes are neurons. */
  readonly layout: Layout;
  /** N: the number of neurons. */
  readonly count: number;
  /** d: the length of a neuron. */
  readonly dim: number;
  /** How many groups a convolution has, 1 for everything else; neurons of different groups see different inputs. */
  readonly groups: number;
  /**
   * Whether the neurons' norms are those that the layer computes with. They aren't for ConvInteger and MatMulInteger, whose scale is applied
   * after the product: their numbers are whole steps. Directions, and with them energies, are right in any case.
   */
  readonly scaled: boolean;
  /**
   * Reads the kernel, to hand to `energyAndGradient(backend, spec, kernel)`: a Float64Array for float64 weights, a Float32Array for others.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  kernel(): Promise<Required<Kernel>>;
  /**
   * Reads the numbers `from` … `from + count − 1` of the kernel, row major, for tables that don't fit into memory. Absent
   * where the file keeps them in a way (varints, one by one) in which a part costs as much as the whole.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  kernelPart?(from: number, count: number): Promise<Required<Kernel>["data"]>;
  /**
   * Reads the kernel as rows of neurons, `[N, d]`.
   *
   * @throws EnergyError `invalid-file` where the file is damaged or changed since
   */
  neurons(): Promise<Neurons>;
}

/** A node that reads a weight. */
export interface Consumer {
  /** The node's operator: "Conv", "MatMul", … */
  readonly op: string;
  /** The node's name, or that of its first output where it has none. */
  readonly node: string;
  /** The graph that the node is in: "" for the main graph, `If_25/then_branch` for a graph in one of its nodes. */
  readonly graph: string;
  /** Which of the node's inputs the weight is, from 0 on. */
  readonly input: number;
  /** What its product is to an attention, where one reads it. */
  readonly attention?: AttentionUse | undefined;
}

/** A stored tensor that no layer uses as neurons. */
export interface UnplacedTensor {
  /** The tensor's name. */
  readonly name: string;
  /** The graph that holds it: "" for the main graph, `If_25/then_branch` for a graph in one of its nodes. */
  readonly graph: string;
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** The type of its numbers as they are stored. */
  readonly dataType: string;
  /** Why it is no layer, in words: "bias of Conv "conv1"", "no node reads it", … */
  readonly reason: string;
}
