import { expect, it } from "vitest";
import { placed, places } from "../../test/support/placed.js";

it.each([
  ["latent diffusion's", "model.net.a.weight", "model_ema.netaweight"],
  ["a trainer's", "a.weight", "ema_model.a.weight"],
  ["Flax'", "params/Dense_0/kernel", "ema_params/Dense_0/kernel"],
])("%s copies are no layers, in whatever format they are stored", async (_, original, copy) => {
  const { names, skipped } = await placed(places({ [original]: [3, 4], [copy]: [3, 4] }));
  expect(names).toEqual([original]);
  expect(skipped.get(copy)).toBe(`an averaged copy (EMA) of "${original}"`);
});

it("copies that don't match, or stand alone, are the weights", async () => {
  expect((await placed(places({ "a.weight": [3, 4], "ema.a.weight": [3, 5] }))).names).toEqual([
    "a.weight",
    "ema.a.weight",
  ]);
  expect((await placed(places({ "ema.a.weight": [3, 4] }))).names).toEqual(["ema.a.weight"]);
});
