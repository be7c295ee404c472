/**
 * What tfjs's recurrent layers are made of: a layer around a cell, which holds the kernels and their regularizers; two such layers in a
 * `Bidirectional`; several cells in a stack.
 */
import { type LayerVariable, RNN } from "@tensorflow/tfjs-layers";
import { gatesOf } from "../regularizer/gate-energies.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { Layer } from "./layer-graph.js";

/** The kernels of a cell, by the property that holds each one's regularizer. */
export const cellKernels = {
  kernelRegularizer: "kernel",
  recurrentRegularizer: "recurrentKernel",
} as const;

export type CellRegularizer = keyof typeof cellKernels;

/** A cell of tfjs: LSTMCell and the like. */
export interface Cell extends Partial<Record<CellRegularizer, LayerRegularizer | null>> {
  readonly kernel?: LayerVariable;
  readonly recurrentKernel?: LayerVariable;
  /** Of a stack. */
  readonly cells?: readonly Cell[];
  getClassName(): string;
}

/** Two layers of one class, which read a sequence from both ends. */
export interface BidirectionalLayer extends Layer {
  readonly forwardLayer: Layer;
  readonly backwardLayer: Layer;
}

/** Gates of each class of cells, in order; none of one matrix. */
const gatesOfCell: Readonly<Record<string, readonly string[]>> = {
  SimpleRNNCell: [],
  GRUCell: gatesOf.GRU,
  LSTMCell: gatesOf.LSTM,
  ConvLSTM2DCell: gatesOf.LSTM,
};

export function isBidirectional(layer: Layer): layer is BidirectionalLayer {
  return layer.getClassName() === "Bidirectional";
}

/** The cells of a recurrent layer, those of a stack in order; `undefined` for another layer. */
export function cellsOf(layer: Layer): readonly Cell[] | undefined {
  if (!(layer instanceof RNN)) return undefined;
  const { cell } = layer as unknown as { readonly cell: Cell };
  return cell.cells ?? [cell];
}

/** `undefined` for a cell of a class that isn't known. */
export function gateNames(cell: Cell): readonly string[] | undefined {
  const name = cell.getClassName();
  return Object.hasOwn(gatesOfCell, name) ? gatesOfCell[name] : undefined;
}
