import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.js";

describe("parseCommandLine", () => {
  it("has defaults for everything", () => {
    expect(parseCommandLine([])).toMatchObject({
      command: "run",
      samples: 200,
      epochs: 60,
      arms: undefined,
      fresh: false,
    });
  });

  it("reads every flag", () => {
    const args = "tune --seeds 4 --arms a,b --samples 300 --epochs 2 --config c.json --out o --workers 1 --fresh".split(
      " ",
    );
    expect(parseCommandLine(args)).toEqual({
      command: "tune",
      seeds: 4,
      arms: ["a", "b"],
      samples: 300,
      epochs: 2,
      config: "c.json",
      out: "o",
      workers: 1,
      fresh: true,
    });
  });

  it("gives way to --help", () => {
    expect(parseCommandLine(["--help"])).toBeUndefined();
  });

  it.each([
    [["--seeds", "0"], '--seeds: expected a whole number of at least 1, got "0"'],
    [["--samples", "many"], '--samples: expected a whole number of at least 1, got "many"'],
    [["--sedes", "3"], "Unknown option '--sedes'"],
    [["train"], 'Expected one command out of run, tune, bench; got "train"'],
  ])("refuses %s", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
