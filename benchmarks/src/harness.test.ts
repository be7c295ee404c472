import { expect, it } from "vitest";
import { growthExponent, interleave, quantile } from "./harness.js";

it("runs every contender once a round, after the warm-up, in orders that differ and are the same in every run", async () => {
  const run = async () => {
    const order: string[] = [];
    const contenders = ["a", "b", "c"].map((name) => ({ name, run: () => void order.push(name) }));
    const timings = await interleave(contenders, { rounds: 29, warmUp: 1 });
    expect(timings.map(({ name, calls }) => [name, calls])).toEqual([
      ["a", 29],
      ["b", 29],
      ["c", 29],
    ]);
    expect(timings[0]!.ratio).toBe(1);
    return Array.from({ length: 30 }, (_, round) => order.slice(3 * round, 3 * round + 3).join(""));
  };
  const rounds = await run();
  expect(rounds.map((round) => [...round].sort().join(""))).toEqual(new Array(30).fill("abc"));
  expect(new Set(rounds).size).toBe(6);
  expect(await run()).toEqual(rounds);
});

it("takes a contender's own time, and its ratio round by round", async () => {
  const times = { first: [1, 10, 1], second: [2, 20, 30] };
  const contender = (name: keyof typeof times) => ({ name, run: async () => times[name].shift() });
  const [first, second] = await interleave([contender("first"), contender("second")], { rounds: 3, warmUp: 0 });
  expect(first).toMatchObject({ best: 1, median: 1, spread: 4.5 });
  expect(second).toMatchObject({ best: 2, median: 20, ratio: 2 });
});

it("lets a contender sit out once its time is spent", async () => {
  const contender = (name: string, time: number) => ({ name, run: async () => time });
  const timings = await interleave([contender("fast", 10), contender("slow", 400)], {
    rounds: 1000,
    warmUp: 0,
    seconds: 1,
  });
  expect(timings.map(({ calls }) => calls)).toEqual([100, 3]);
  expect(timings[1]!.ratio).toBe(40);
});

it("takes quantiles by interpolation", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.75)).toBe(4);
});

it("fits the exponent of growth", () => {
  expect(growthExponent([1, 2, 4], [3, 12, 48])).toBeCloseTo(2, 12);
});
