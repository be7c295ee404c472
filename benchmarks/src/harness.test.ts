import { expect, it } from "vitest";
import { growthExponent, interleave, quantile } from "./harness.js";

it("runs every contender once a round, after the warm-up", async () => {
  const order: string[] = [];
  const contender = (name: string) => ({ name, run: () => void order.push(name) });
  const timings = await interleave([contender("a"), contender("b")], { rounds: 2, warmUp: 1 });
  expect(order).toEqual(["a", "b", "a", "b", "a", "b"]);
  expect(timings.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(timings[0]!.ratio).toBe(1);
});

it("tells a slower contender", async () => {
  const wait = (name: string, ms: number) => ({ name, run: () => new Promise<void>((done) => setTimeout(done, ms)) });
  const [, slow] = await interleave([wait("fast", 5), wait("slow", 40)], { rounds: 3, warmUp: 0 });
  expect(slow!.ratio).toBeGreaterThan(2);
});

it("takes quantiles by interpolation", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.75)).toBe(4);
});

it("fits the exponent of growth", () => {
  expect(growthExponent([1, 2, 4], [3, 12, 48])).toBeCloseTo(2, 12);
});
