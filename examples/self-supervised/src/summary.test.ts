import { expect, it } from "vitest";
import { headline } from "./headline.js";
import type { Run } from "./result.js";
import { summarizeArms } from "./summary.js";

const run = (testError: number): Run => ({
  checkpoints: [
    { step: 0, testError: 80, validationError: 80, energy: 0, alignment: null },
    { step: 9, testError, validationError: testError, energy: -0.2, alignment: 0.1 },
  ],
  diverged: false,
  seconds: 1,
  pictures: null,
});
const arm = (name: string, role: "baseline" | "neighbour", errors: readonly number[]) => ({
  arm: { name, label: name, role, settings: "" },
  runs: errors.map(run),
});

it("compares with the baseline by pairs, and says what the intervals allow", () => {
  const summaries = summarizeArms([
    arm("mhe", "baseline", [18, 20, 19, 21]),
    arm("worse", "neighbour", [21, 23.2, 22.1, 23.9]),
    arm("open", "neighbour", [17, 22, 18, 21.5]),
  ]);
  expect(summaries[1]!.difference!.mean).toBeCloseTo(3.05, 6);
  expect(summaries[1]!.difference!.losses).toBe(4);
  expect(summaries[0]!.course).toEqual([
    { step: 0, testError: 80, energy: 0 },
    { step: 9, testError: 19.5, energy: -0.2 },
  ]);
  const text = headline(summaries);
  expect(text).toMatch(/^The least mean test error is that of mhe, 19\.50 %\./);
  expect(text).toMatch(/Worse than MHE with s = 2: worse \(\+3\.05/);
  expect(text).toMatch(/Not told apart from it by these seeds: open\./);
});

it("one seed allows nothing", () => {
  expect(headline(summarizeArms([arm("mhe", "baseline", [18]), arm("other", "neighbour", [30])]))).toBe(
    "The least mean test error is that of mhe, 18.00 %.",
  );
});
