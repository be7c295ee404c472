/**
 * LSTM, GRU and plain recurrent layers stack the weights of their gates into one matrix. The rows of one gate are neurons of
 * one kind, so every gate is a matrix of its own, as it is from ONNX. How many gates there are, the recurrent weights say:
 * they lead from H numbers to as many for each gate.
 *
 * - PyTorch: `weight_ih_l0` `[G·H, in]`, `weight_hh_l0` `[G·H, H]`; with a projection `[G·H, P]` beside `weight_hr_l0` `[P, H]`.
 * - Keras, TensorFlow.js: `kernel` `[…, in, G·H]`, `recurrent_kernel` `[…, H, G·H]`, those of ConvLSTM with their window before.
 * - TensorFlow 1's cells: `lstm_cell/kernel` `[in + H, 4·H]`, `gru_cell/gates/kernel` `[in + H, 2·H]`.
 */

import { bandOf } from "../tensors/band.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { layerOf } from "./layer-of.js";
import type { Rule, TensorBag } from "./tensor-bag.js";
import { parseName } from "./tensor-names.js";

interface Cell {
  readonly kind: string;
  /** In the order in which they are stacked. */
  readonly gates: readonly string[];
}

/** By the number of gates. torch.nn.LSTM: i, f, g, o. torch.nn.GRU: r, z, n. */
const torchCells: Readonly<Record<number, Cell>> = {
  4: { kind: "LSTM", gates: ["input gate", "forget gate", "cell", "output gate"] },
  3: { kind: "GRU", gates: ["reset gate", "update gate", "hidden"] },
  1: { kind: "RNN", gates: ["hidden"] },
};

/** Keras' LSTM: i, f, c, o; GRU: z, r, h. */
const kerasCells: Readonly<Record<number, Cell>> = {
  4: torchCells[4]!,
  3: { kind: "GRU", gates: ["update gate", "reset gate", "hidden"] },
  1: torchCells[1]!,
};

/** TensorFlow 1's LSTMCell: i, j, f, o. */
const oldLstm: Cell = { kind: "LSTM", gates: ["input gate", "cell", "forget gate", "output gate"] };
const oldGru: Cell = { kind: "GRU", gates: ["reset gate", "update gate"] };

export const recurrent: Rule = {
  name: "recurrent gates",
  apply(bag) {
    for (const tensor of bag) {
      if (!tensor.floating || bag.get(tensor.name) !== tensor) continue;
      torch(bag, tensor);
      keras(bag, tensor);
      oldTensorFlow(bag, tensor);
    }
  },
};

const torchName = /^(.*)weight_hh((?:_l\d+)?(?:_reverse)?(?:_raw)?)$/;

function torch(bag: TensorBag, recurrentWeights: StoredTensor): void {
  const match = torchName.exec(recurrentWeights.name);
  if (match === null || recurrentWeights.shape.length !== 2) return;
  const [, module, which] = match as unknown as [string, string, string];
  const input = bag.get(`${module}weight_ih${which}`) ?? bag.get(`${module}weight_ih${which.replace(/_raw$/, "")}`);
  const projection = bag.get(`${module}weight_hr${which}`);
  const [rows, columns] = recurrentWeights.shape as [number, number];
  const hidden = projection?.shape[0] === columns ? projection.shape[1]! : columns;
  const cell = torchCells[rows / hidden];
  if (cell === undefined) return;
  split(bag, recurrentWeights, 0, cell, "recurrent weights");
  if (input?.floating && input.shape.length === 2 && input.shape[0] === rows)
    split(bag, input, 0, cell, "input weights");
}

function keras(bag: TensorBag, recurrentKernel: StoredTensor): void {
  const { module, leaf, variable } = parseName(recurrentKernel.name);
  if (variable !== "recurrent_kernel") return;
  const { shape } = recurrentKernel;
  const rank = shape.length;
  if (rank < 2) return;
  const columns = shape[rank - 1]!;
  const cell = kerasCells[columns / shape[rank - 2]!];
  if (cell === undefined) return;
  split(bag, recurrentKernel, rank - 1, cell, "recurrent weights");
  const input = bag.get(`${module}${leaf.replace("recurrent_kernel", "kernel")}`);
  if (input?.floating && input.shape.length === rank && input.shape[rank - 1] === columns) {
    split(bag, input, rank - 1, cell, "input weights");
  }
}

function oldTensorFlow(bag: TensorBag, tensor: StoredTensor): void {
  const { module, leaf, variable, owner } = parseName(tensor.name);
  if (variable !== "kernel" || tensor.shape.length !== 2) return;
  if (bag.get(`${module}${leaf.replace("kernel", "recurrent_kernel")}`) !== undefined) return;
  const cell = /lstm_cell(_\d+)?$/.test(owner)
    ? oldLstm
    : owner === "gates" && /gru_cell(_\d+)?\/gates\/$/.test(module)
      ? oldGru
      : undefined;
  const [rows, columns] = tensor.shape as [number, number];
  // What it reads is the input and the H numbers of its own state.
  if (cell === undefined || columns % cell.gates.length !== 0 || rows <= columns / cell.gates.length) return;
  split(bag, tensor, 1, cell, "input and recurrent weights");
}

function split(bag: TensorBag, tensor: StoredTensor, axis: number, { kind, gates }: Cell, part: string): void {
  const size = tensor.shape[axis]! / gates.length;
  const layout = axis === 0 ? "neurons-first" : "neurons-last";
  const note = gates.length > 1 ? `one of the ${gates.length} gates that "${tensor.name}" stacks` : undefined;
  const layers = gates.map((gate, n) => {
    const role = gates.length > 1 ? `${gate}, ${part}` : part;
    const name = gates.length > 1 ? `${tensor.name} [${gate}]` : tensor.name;
    return layerOf(bandOf(tensor, { axis, from: n * size, size }), {
      name,
      kind: tensor.known?.kind ?? kind,
      layout,
      role,
      note,
    });
  });
  bag.place([tensor.name], layers);
}
