/** Weights that PyTorch computes from what it stores. */
import { expect, it } from "vitest";
import { placed, places, range, rowsOf } from "../../test/support/placed.js";
import { stored } from "../../test/support/stored-numbers.js";

it.each([
  ["torch.nn.utils.prune", "l.weight_orig", "l.weight_mask"],
  ["torch.ao.pruning", "l.parametrizations.weight.original", "l.parametrizations.weight.0.mask"],
])("%s: a weight times its mask, which is no layer", async (_, weight, mask) => {
  const numbers = stored(weight, "float32", [2, 3], [1, 2, 3, 4, 5, 6]);
  const { layers, skipped } = await placed([
    numbers,
    stored(mask, "float32", [2, 3], [1, 0, 1, 0, 0, 1]),
    ...places({ "l.bias": [2] }),
  ]);
  expect(Object.keys(layers)).toEqual(["l.weight"]);
  expect(layers["l.weight"]!.rows).toEqual([
    [1, 0, 3],
    [0, 0, 6],
  ]);
  expect(layers["l.weight"]!.note).toContain("pruned");
  expect([...skipped.keys()]).toEqual(["l.bias"]);
});

it.each([
  ["weight_orig", "weight_u", "weight_v"],
  ["parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"],
])("spectral normalization has the directions and the axes of its layer: %s", async (weight, u, v) => {
  // A transposed convolution, whose neurons its bias finds under the weight's own name.
  const { layers } = await placed(
    places({ [`up.${weight}`]: [2, 3, 2], [`up.${u}`]: [3], [`up.${v}`]: [4], "up.bias": [3] }),
  );
  expect(Object.keys(layers)).toEqual(["up.weight"]);
  expect(layers["up.weight"]!.rows).toEqual(range(0, 3).map((i) => [2 * i, 2 * i + 1, 6 + 2 * i, 7 + 2 * i]));
  expect(layers["up.weight"]!.note).toContain("spectral normalization");
});

it("gates are those of the weight that was computed", async () => {
  const { names } = await placed(
    places({
      "r.parametrizations.weight_hh_l0.original": [12, 3],
      "r.parametrizations.weight_hh_l0.0._u": [12],
      "r.parametrizations.weight_hh_l0.0._v": [3],
      "r.weight_ih_l0": [12, 5],
    }),
  );
  expect(names.length).toBe(8);
});

it("what another parametrization makes of a weight isn't in the file: neither it nor its parts are layers", async () => {
  const { names, skipped } = await placed(
    places({
      "o.parametrizations.weight.original": [3, 4],
      "o.parametrizations.weight.0.base": [4, 4],
      "s.parametrizations.weight.original": [3, 3],
      "l.weight": [2, 3],
    }),
  );
  expect(names).toEqual(["l.weight"]);
  expect([...skipped.keys()]).toEqual([
    "o.parametrizations.weight.original",
    "o.parametrizations.weight.0.base",
    "s.parametrizations.weight.original",
  ]);
  for (const reason of skipped.values()) expect(reason).toContain("remove_parametrizations");
});

it("a weight that is stored as it was computed counts, and names that merely end so are names", async () => {
  const { layers, skipped } = await placed(
    places({ "l.weight": [2, 3], "l.weight_orig": [2, 3], "l.weight_mask": [2, 3], "a.x_orig": [2, 2] }),
  );
  expect(Object.keys(layers)).toEqual(["l.weight", "a.x_orig"]);
  expect(layers["l.weight"]!.rows).toEqual(rowsOf(3, [0, 1]));
  expect(skipped.get("l.weight_orig")).toContain("stored too");
});

it("a norm over several axes has a factor for each entry", async () => {
  const { names, skipped } = await placed(places({ "ln.bias": [4, 9], "ln.weight": [4, 9], "l.weight": [4, 9] }));
  expect(names).toEqual(["l.weight"]);
  expect(skipped.get("ln.weight")).toContain("a factor for each entry");
});
