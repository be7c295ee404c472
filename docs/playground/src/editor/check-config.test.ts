import { expect, it } from "vitest";
import { checkConfig } from "./check-config.js";

it("takes what the library takes", () => {
  expect(checkConfig('{ "space": "half", "projection": { "kind": "random", "dimension": 20 } }').problems).toEqual([]);
});

it.each([
  ['{ "space": "haf" }', ["space"], /expected one of "full"\|"half", got "haf"/],
  [
    '{ "projection": { "kind": "random", "dimension": 2 } }',
    ["projection", "dimension"],
    /expected more than s \+ 1 = 3/,
  ],
  ['{ "potential": { "kind": "riesz", "s": -3 } }', ["potential", "s"], /a number > -2/],
  ['{ "space": ', [], /Not JSON yet/],
])("%s: the place, and the library's words", (text, path, message) => {
  const [problem] = checkConfig(text).problems;
  expect(problem?.path).toEqual(path);
  expect(problem?.message).toMatch(message);
});

it("names the key that nobody knows", () => {
  const [problem] = checkConfig('{ "projection": { "kind": "random", "dimensoin": 3 } }').problems;
  expect(problem).toMatchObject({ path: ["projection"], key: "dimensoin" });
});

it("all problems at once", () => {
  expect(checkConfig('{ "space": "x", "normEpsilon": "0" }').problems.map(({ path }) => path)).toEqual([
    ["space"],
    ["normEpsilon"],
  ]);
});
