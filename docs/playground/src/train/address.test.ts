import { expect, it } from "vitest";
import { type Comparison, fromHash, toHash } from "./address.js";

const usual: Comparison = {
  a: { weight: 0, config: "{}" },
  b: { weight: 300, config: '{\n  "space": "half"\n}' },
  seed: 1,
  epochs: 30,
};

it("a link holds both configs, weights, the seed and the epochs", () => {
  const other: Comparison = {
    a: { weight: 0.5, config: '{\n  "potential": {\n    "kind": "frame",\n    "p": 2\n  }\n}' },
    b: { weight: 10, config: "{ not yet JSON & = # 100 %" },
    seed: 7,
    epochs: 12,
  };
  expect(fromHash(toHash(other), usual)).toEqual(other);
});

it.each(["", "#", "#seed=x&epochs=-3&a-weight=NaN", "#epochs=1e9"])(
  "what is missing or wrong in %j is as usual",
  (hash) => {
    expect(fromHash(hash, usual)).toEqual(usual);
  },
);
