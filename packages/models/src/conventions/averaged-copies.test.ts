import { expect, it } from "vitest";
import { placed, places } from "../../test/support/placed.js";

it.each([
  ["latent diffusion's", "model.net.a.weight", "model_ema.netaweight"],
  ["a trainer's", "a.weight", "ema_model.a.weight"],
  ["Flax'", "params/Dense_0/kernel", "ema_params/Dense_0/kernel"],
])("%s copies are no layers, in whatever format they are stored", async (_, original, copy) => {
  const { names, skipped, notes } = await placed(places({ [original]: [3, 4], [copy]: [3, 4] }));
  expect(names).toEqual([original]);
  expect(skipped.get(copy)).toBe(`an averaged copy (EMA) of "${original}"`);
  expect(notes).toEqual([expect.stringContaining(`left out by what names say: "${copy}" (an averaged copy`)]);
});

it.each([
  ["a part of another network", { "ema.gate.weight": [8, 6], "mlp.gate.weight": [8, 6], "mlp.up.weight": [8, 6] }],
  ["a layer of that name", { "l.weight": [8, 6], "ema.weight": [8, 6] }],
  ["of two networks", { "ema.a.weight": [8, 6], "ema.b.weight": [8, 6], "x.a.weight": [8, 6], "y.b.weight": [8, 6] }],
])("%s is no copy", async (_, shapes) => {
  const { names, notes } = await placed(places(shapes));
  expect([...names].sort()).toEqual(Object.keys(shapes).sort());
  expect(notes).toEqual([]);
});

it("copies that don't match, or stand alone, are the weights", async () => {
  expect((await placed(places({ "a.weight": [3, 4], "ema.a.weight": [3, 5] }))).names).toEqual([
    "a.weight",
    "ema.a.weight",
  ]);
  expect((await placed(places({ "ema.a.weight": [3, 4] }))).names).toEqual(["ema.a.weight"]);
});
