import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { README_FILE, REPLAYS_FILE } from "../paths.js";
import { differences, partingStep, readSummaries } from "./summary.js";
import { replaysSentence, replaysTable, shortReplaysTable } from "./tables.js";

const step = (fit: number, energy: number) => ({ fit, decay: 1, energies: { a: energy, b: 2 * energy } });

describe("what is compared", () => {
  it("is the whole loss, and the layer that is farthest", () => {
    const [apart] = differences([step(6, 1)], [{ ...step(7, 1), energies: { a: 1, b: 2.5 } }]);
    expect(apart!.loss).toBeCloseTo(1.5 / 11.5, 12);
    expect(apart!.energy).toBeCloseTo(0.2, 12);
  });

  it("parts where the tolerance is passed, or a number isn't one", () => {
    expect(partingStep([1e-6, 1e-4, 0.1], 1e-3)).toBe(3);
    expect(partingStep([1e-6, Number.NaN], 1e-3)).toBe(2);
    expect(partingStep([1e-6], 1e-3)).toBe(0);
  });
});

describe("the recorded replays", () => {
  const summaries = readSummaries(REPLAYS_FILE);
  const readme = readFileSync(README_FILE, "utf8");

  it("stand in the README as they are printed", () => {
    expect(readme).toContain(shortReplaysTable(summaries));
    expect(readme).toContain(replaysSentence(summaries));
  });

  it("agree at the first step to float32's last digits, losses and every layer's energy", () => {
    expect(summaries.map(({ steps }) => steps)).toEqual([200, 200, 200, 200, 200]);
    for (const { label, between } of summaries) {
      expect(between.loss.upTo[0], label).toBeLessThan(1e-6);
      expect(between.energy?.upTo[0] ?? 0, label).toBeLessThan(1e-6);
    }
  });

  it("print a line for the loss and, where there is one, for the energy, twice", () => {
    const printed = replaysTable(summaries).split("\n");
    expect(printed.filter((line) => line.includes("loss: "))).toHaveLength(10);
    expect(printed.filter((line) => line.includes("each layer's energy: "))).toHaveLength(8);
  });
});
