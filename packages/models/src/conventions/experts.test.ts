import { describe, expect, it } from "vitest";
import { columnsOf, placed, places, range, rowsOf } from "../../test/support/placed.js";

const mlp = "model.layers.0.mlp.";
const stacks = (up: readonly number[], down: readonly number[]) => ({
  [`${mlp}experts.gate_up_proj`]: up,
  [`${mlp}experts.down_proj`]: down,
});

/** Expert 1 of [E, rows, columns], by rows or by columns. */
const second = (rows: number, columns: number, axis: 0 | 1) =>
  axis === 0
    ? rowsOf(columns, range(rows, 2 * rows))
    : columnsOf(rows, columns, range(0, columns)).map((row) => row.map((place) => place + rows * columns));

describe("a stack of experts is a matrix for each", () => {
  it.each([
    ["[E, out, in], by the two matrices", stacks([3, 8, 6], [3, 6, 4]), {}, 0, false],
    ["[E, in, out], by the two matrices", stacks([3, 6, 8], [3, 4, 6]), {}, 1, false],
    [
      "[E, in, out], by the biases",
      { ...stacks([3, 5, 6], [3, 3, 5]), [`${mlp}experts.gate_up_proj_bias`]: [3, 6] },
      {},
      1,
      false,
    ],
    [
      "[E, out, in], by the router's width",
      { ...stacks([3, 6, 5], [3, 5, 3]), [`${mlp}gate.weight`]: [3, 5] },
      {},
      0,
      false,
    ],
    [
      "[E, in, out], by the router's width",
      { ...stacks([3, 4, 8], [3, 4, 4]), [`${mlp}router.weight`]: [3, 4] },
      {},
      1,
      false,
    ],
    ["[E, out, in], by the config's width", stacks([3, 8, 5], [3, 5, 4]), { hidden_size: 5 }, 0, false],
    [
      "[E, in, out], by the kind of model",
      stacks([3, 4, 4], [3, 4, 4]),
      { text_config: { model_type: "llama4_text" } },
      1,
      false,
    ],
    ["nothing says it", stacks([3, 4, 4], [3, 4, 4]), {}, 0, true],
  ] as const)("%s", async (_, shapes, config, axis, assumed) => {
    const { layers, names } = await placed(places(shapes), { config });
    for (const [name, shape] of Object.entries(shapes).filter(([, { length }]) => length === 3)) {
      const [, rows, columns] = shape as [number, number, number];
      const layer = layers[`${name} [expert 1]`]!;
      expect(layer.rows).toEqual(second(rows, columns, axis));
      expect(layer.kind).toBe("expert");
      expect(layer.note).toContain("one of 3 experts");
      expect(layer.note.includes("was assumed")).toBe(assumed);
    }
    expect(names.filter((name) => name.includes("[expert")).length).toBe(6);
  });

  it("biases of experts are no layers, shared experts and routers are plain matrices", async () => {
    const { names, skipped } = await placed(
      places({
        ...stacks([2, 8, 6], [2, 6, 4]),
        [`${mlp}experts.gate_up_proj_bias`]: [2, 8],
        [`${mlp}experts.down_proj_bias`]: [2, 6],
        [`${mlp}shared_expert.up_proj.weight`]: [4, 6],
        [`${mlp}gate.weight`]: [2, 6],
      }),
    );
    expect(names).toEqual([
      ...["gate_up_proj", "down_proj"].flatMap((name) => [0, 1].map((n) => `${mlp}experts.${name} [expert ${n}]`)),
      `${mlp}shared_expert.up_proj.weight`,
      `${mlp}gate.weight`,
    ]);
    expect(skipped.get(`${mlp}experts.down_proj_bias`)).toContain("bias");
  });

  it("the caller's word is about each expert's matrix; axes are the whole tensor's", async () => {
    const tensors = () => places({ "moe.experts.w1": [2, 3, 4] });
    const last = await placed(tensors(), { layoutOf: () => "neurons-last" });
    expect(last.layers["moe.experts.w1 [expert 1]"]!.rows).toEqual(second(3, 4, 1));
    const axes = await placed(tensors(), { layoutOf: () => ({ neuronAxes: [0, 1] }) });
    expect(axes.layers["moe.experts.w1"]!.rows).toEqual(rowsOf(4, range(0, 6)));
  });

  it("a convolution over time isn't a stack, and a million experts aren't any", async () => {
    const { layers, names } = await placed(places({ "conv1.weight": [6, 3, 3], "experts.w1": [5000, 1, 1] }));
    expect(names).toEqual(["conv1.weight", "experts.w1"]);
    expect(layers["conv1.weight"]!.rows).toEqual(rowsOf(9, range(0, 6)));
  });
});
