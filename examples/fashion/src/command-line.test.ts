import { UserError } from "@comhe-examples/study-kit/worker";
import { describe, expect, it } from "vitest";
import { HELP, parseCommandLine } from "./command-line.js";
import { DEBIAN_DATA_FOLDER } from "./paths.js";

describe("parseCommandLine", () => {
  it("has defaults for everything", () => {
    expect(parseCommandLine([])).toMatchObject({ data: DEBIAN_DATA_FOLDER, arms: undefined, fresh: false });
    expect(parseCommandLine(["--help"])).toBeUndefined();
  });

  it("takes every flag that the help names", () => {
    const flags = [...HELP.matchAll(/^ +(--[a-z]+)(?: <([^>]+)>)?/gm)].map(([, flag, value]) => ({
      flag: flag!,
      value,
    }));
    expect(flags).toHaveLength(13);
    for (const { flag, value } of flags) {
      const given = flag === "--share" ? ["--on", "folder", "--share", "0/2"] : [flag, "3"];
      expect(() => parseCommandLine(value === undefined ? [flag] : given)).not.toThrow();
    }
    expect(parseCommandLine(["--arms", "a, b", "--seeds", "3"])).toMatchObject({ arms: ["a", "b"], seeds: 3 });
  });

  it.each([
    [["--samples", "0"], /--samples: expected a whole number of at least 1, got "0"/],
    [["--seeds", "many"], /--seeds: expected a whole number of at least 1, got "many"/],
    [["--frobnicate"], /Unknown option '--frobnicate'/],
    [["surplus"], /Unexpected argument 'surplus'/],
  ])("refuses %s", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UserError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
