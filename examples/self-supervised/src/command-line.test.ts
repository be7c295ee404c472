import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.js";
import { regime } from "./regime.js";

describe("the command line", () => {
  it("has defaults", () => {
    expect(parseCommandLine([])).toMatchObject({
      command: "run",
      dimension: 8,
      steps: regime.steps,
      seeds: 3,
      fresh: false,
    });
    expect(parseCommandLine(["tune", "--dimensions", "64"])).toMatchObject({
      command: "tune",
      dimension: 64,
      seeds: 2,
    });
    expect(parseCommandLine(["--help"])).toBeUndefined();
  });

  it.each([
    [["--dimensions", "16"], /--dimensions: expected 8, 64, 4.*"16"/],
    [["--steps", "0"], /--steps: expected a whole number of at least 1, got "0"/],
    [["--steps", "many"], /--steps/],
    [["go"], /Expected one command out of run, table, tune; got "go"/],
    [["tune", "again"], /got "tune again"/],
    [["--seeds", "x"], /--seeds/],
  ])("refuses %j", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
