import { expect, it } from "vitest";
import { parseCommandLine, parts, UsageError } from "./command-line.js";

it("measures everything by default", () => {
  expect(parseCommandLine([])).toMatchObject({ parts, quick: false, cases: undefined, candidates: undefined });
});

it("takes lists and numbers", () => {
  expect(
    parseCommandLine(["--parts", "growth,memory", "--cases", "half-s2, random", "--seconds", "0.5"]),
  ).toMatchObject({
    parts: ["growth", "memory"],
    cases: ["half-s2", "random"],
    seconds: 0.5,
  });
});

it.each([
  [["--parts", "speed"], /--parts: expected some of pairwise.*got "speed"/],
  [["--seconds", "0"], /--seconds: expected a number above 0, got "0"/],
  [["--seconds", "fast"], /got "fast"/],
  [["--slow"], /--slow/],
])("refuses %j", (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(UsageError);
  expect(() => parseCommandLine(args)).toThrow(message);
});

it("asks for help", () => {
  expect(parseCommandLine(["--help"])).toBeUndefined();
});
