import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { selectArms } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { describe, expect, it } from "vitest";
import { newFolder } from "../test/synthetic.js";
import { loadArms } from "./arms.js";
import { ARMS_FILE } from "./paths.js";

function config(content: unknown, name = "mine.json"): string {
  const path = join(newFolder(), name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("arms", () => {
  it("shows a baseline, half-space MHE and random CoMHE", () => {
    const arms = loadArms(ARMS_FILE);
    expect(arms.map(({ name, role }) => [name, role])).toEqual([
      ["none", "baseline"],
      ["half-space-mhe", "energy"],
      ["random-comhe", "energy"],
    ]);
    expect(selectArms(arms, ["random-comhe", "none"]).map(({ name }) => name)).toEqual(["none", "random-comhe"]);
    expect(() => selectArms(arms, ["nonesuch"])).toThrow(
      /names out of none, half-space-mhe, random-comhe; got "nonesuch"/,
    );
  });

  it("takes one energy as core has it for the hidden layers of an arm named after the file", () => {
    const energy = { potential: { kind: "riesz", s: 0 }, space: "full", weight: 100 };
    const arm = loadArms(ARMS_FILE, config(energy, "logarithmic.json")).find(({ name }) => name === "logarithmic");
    expect(arm).toMatchObject({ role: "energy", regularize: { hidden: energy, output: false } });
  });

  it("lets a file change an arm", () => {
    const file = config({ arms: { none: { label: "plain" } } });
    expect(loadArms(ARMS_FILE, file)[0]).toMatchObject({ name: "none", label: "plain", role: "baseline" });
  });

  it.each([
    ["no JSON", "{", /expected JSON/],
    ["an unknown key", { arms: { none: { energie: 1 } } }, /arms\.none: .*energie/],
    ["an unknown role", { arms: { none: { role: "hero" } } }, /arms\.none\.role/],
    ["an unknown option", { arms: { a: { regularize: { hiden: {} } } } }, /arms\.a\.regularize: .*"hiden"/],
    ["an unknown strategy", { space: "half", projection: { kind: "nonesuch" }, weight: 1 }, /arms\.mine\.regularize: /],
    [
      "a dimension too small to have an energy",
      { space: "half", projection: { kind: "random", dimension: 3, count: 5 }, weight: 1 },
      /arms\.mine\.regularize: .*dimension/,
    ],
  ])("refuses %s in one line that names the file", (_, content, message) => {
    const file = config(content);
    expect(() => loadArms(ARMS_FILE, file)).toThrow(UserError);
    expect(() => loadArms(ARMS_FILE, file)).toThrow(message);
    expect(() => loadArms(ARMS_FILE, file)).toThrow(file);
  });

  it("refuses a file that isn't there", () => {
    expect(() => loadArms(ARMS_FILE, "/no/such.json")).toThrow("/no/such.json: can't be read");
  });
});
