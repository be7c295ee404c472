import { expect, it } from "vitest";
import { columnsOf, placed, places, range, rowsOf } from "../../test/support/placed.js";

it("PyTorch's LSTM is four matrices from each, bidirectional and deep ones too", async () => {
  const { layers, names } = await placed(
    places({
      "rnn.weight_ih_l0": [12, 5],
      "rnn.weight_hh_l0": [12, 3],
      "rnn.bias_ih_l0": [12],
      "rnn.weight_ih_l1_reverse": [12, 6],
      "rnn.weight_hh_l1_reverse": [12, 3],
    }),
  );
  expect(names.length).toBe(16);
  const gates = ["input gate", "forget gate", "cell", "output gate"];
  for (const [n, gate] of gates.entries()) {
    expect(layers[`rnn.weight_ih_l0 [${gate}]`]!.rows).toEqual(rowsOf(5, range(3 * n, 3 * n + 3)));
    expect(layers[`rnn.weight_hh_l0 [${gate}]`]!.rows).toEqual(rowsOf(3, range(3 * n, 3 * n + 3)));
    expect(layers[`rnn.weight_ih_l1_reverse [${gate}]`]!.rows).toEqual(rowsOf(6, range(3 * n, 3 * n + 3)));
  }
  expect(layers["rnn.weight_hh_l0 [cell]"]).toMatchObject({ kind: "LSTM", role: "cell, recurrent weights" });
  expect(layers["rnn.weight_hh_l0 [cell]"]!.note).toContain("4 gates");
});

it("a GRU is three, a plain layer one, a cell the same; names may be bare", async () => {
  const { layers, names } = await placed(
    places({
      weight_ih_l0: [9, 4],
      weight_hh_l0: [9, 3],
      "cell.weight_ih": [3, 7],
      "cell.weight_hh": [3, 3],
    }),
  );
  expect(names).toEqual([
    ...["ih", "hh"].flatMap((which) =>
      ["reset gate", "update gate", "hidden"].map((gate) => `weight_${which}_l0 [${gate}]`),
    ),
    "cell.weight_ih",
    "cell.weight_hh",
  ]);
  expect(layers["weight_ih_l0 [update gate]"]!.rows).toEqual(rowsOf(4, [3, 4, 5]));
  expect(layers["cell.weight_ih"]).toMatchObject({ kind: "RNN", rows: rowsOf(7, [0, 1, 2]) });
});

it("an LSTM with a projection: H is what the projection reads", async () => {
  const { layers, names } = await placed(
    places({ "r.weight_ih_l0": [20, 4], "r.weight_hh_l0": [20, 2], "r.weight_hr_l0": [2, 5] }),
  );
  expect(names.length).toBe(9);
  expect(layers["r.weight_hh_l0 [output gate]"]!.rows).toEqual(rowsOf(2, range(15, 20)));
  expect(layers["r.weight_hr_l0"]!.rows.length).toBe(2);
});

it("without recurrent weights that fit, nothing is split", async () => {
  for (const shapes of [
    { "r.weight_ih_l0": [12, 5] },
    { "r.weight_ih_l0": [12, 5], "r.weight_hh_l0": [12, 5] },
    { "r.weight_ih_l0": [12, 5], "r.weight_hh_l0": [12, 3, 1] },
  ]) {
    const { names } = await placed(places(shapes));
    expect(names).toEqual(Object.keys(shapes));
  }
});

it.each([
  ["lstm/kernel:0", "lstm/recurrent_kernel:0", ["input gate", "forget gate", "cell", "output gate"]],
  ["gru/gru_cell/kernel", "gru/gru_cell/recurrent_kernel", ["update gate", "reset gate", "hidden"]],
])("Keras: %s", async (kernel, recurrentKernel, gates) => {
  const columns = 2 * gates.length;
  const { layers, names } = await placed(places({ [kernel]: [5, columns], [recurrentKernel]: [2, columns] }));
  expect(names.length).toBe(2 * gates.length);
  for (const [n, gate] of gates.entries()) {
    expect(layers[`${kernel} [${gate}]`]!.rows).toEqual(columnsOf(5, columns, [2 * n, 2 * n + 1]));
    expect(layers[`${recurrentKernel} [${gate}]`]!.rows).toEqual(columnsOf(2, columns, [2 * n, 2 * n + 1]));
  }
});

it("Keras' ConvLSTM has its gates on the last axis; SimpleRNN has one", async () => {
  const { layers, names } = await placed(
    places({
      "c/kernel": [3, 3, 2, 8],
      "c/recurrent_kernel": [3, 3, 2, 8],
      "s/kernel": [4, 6],
      "s/recurrent_kernel": [6, 6],
    }),
  );
  expect(names.length).toBe(10);
  expect(layers["c/kernel [cell]"]!.rows).toEqual(columnsOf(18, 8, [4, 5]));
  expect(layers["s/kernel"]!.rows).toEqual(columnsOf(4, 6, range(0, 6)));
});

it("TensorFlow 1's cells: one kernel for input and state", async () => {
  const { layers, names } = await placed(
    places({
      "rnn/lstm_cell/kernel": [7, 12],
      "rnn/gru_cell/gates/kernel": [5, 4],
      "rnn/gru_cell/candidate/kernel": [5, 2],
    }),
  );
  expect(names.length).toBe(7);
  expect(layers["rnn/lstm_cell/kernel [forget gate]"]!.rows).toEqual(columnsOf(7, 12, [6, 7, 8]));
  expect(layers["rnn/gru_cell/gates/kernel [update gate]"]!.rows).toEqual(columnsOf(5, 4, [2, 3]));
});
