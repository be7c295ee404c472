import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseArms, loadArms } from "./arms.js";
import { ARMS_FILE, TUNING_FILE } from "./paths.js";

const folder = mkdtempSync(join(tmpdir(), "arms-"));
const none = join(folder, "none.json");

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const load = (configFile?: string, tuningFile = none) => loadArms({ armsFile: ARMS_FILE, tuningFile, configFile });
const half = { space: "half", projection: { kind: "none" } };

describe("loadArms", () => {
  it("knows the arms of the study, one of them the baseline", () => {
    const arms = load(undefined, TUNING_FILE);
    expect(chooseArms(arms, undefined).map(({ name }) => name)).toEqual([
      "none",
      "weight-decay",
      "orthogonality",
      "mhe",
      "half-space-mhe",
      "random-comhe",
      "group-comhe",
      "batch-norm",
      "orthogonal-init",
    ]);
    expect(arms.filter(({ role }) => role === "baseline").map(({ name }) => name)).toEqual(["none"]);
    // On request: every strategy and every distribution of core's that isn't among them.
    const kinds = new Set(arms.map(({ config }) => (config.energy?.projection as { kind?: string } | undefined)?.kind));
    for (const kind of ["none", "random", "group", "angle-preserving", "adversarial", "bilateral", "pca"]) {
      expect(kinds).toContain(kind);
    }
    expect(chooseArms(arms, ["all"])).toEqual(arms);
    expect(chooseArms(arms, ["pca"]).map(({ name }) => name)).toEqual(["pca"]);
  });

  it("takes what tuning chose, and a config file over that", () => {
    const tuning = write("tuning.json", { chosen: { mhe: { weight: 77, learningRate: 0.04 } } });
    const config = write("own.json", { arms: { mhe: { learningRate: 0.01 } } });
    const mhe = load(config, tuning).find(({ name }) => name === "mhe")!;
    expect(mhe.config).toMatchObject({ weight: 77, learningRate: 0.01 });
    expect(mhe.settings).toContain("energy weight 77");
  });

  it("adds an arm that is nothing but a config of core", () => {
    const config = write("new.json", {
      arms: { gaussian: { energy: { potential: { kind: "gaussian", t: 2 } }, weight: 5 } },
    });
    expect(load(config).at(-1)).toMatchObject({ name: "gaussian", role: "energy", config: { weight: 5 } });
  });

  it("takes one energy config as a file of its own", () => {
    expect(load(write("my-energy.json", { ...half, weight: 50 })).at(-1)).toMatchObject({
      name: "my-energy",
      config: { weight: 50, energy: half },
    });
  });

  it("goes through the values to try, one setting after the other", () => {
    const config = write("grid.json", { arms: { mhe: { tune: { learningRate: [3, 4], weight: [2, 1] } } } });
    expect(load(config).find(({ name }) => name === "mhe")!.sweeps).toEqual([
      { setting: "weight", values: [1, 2] },
      { setting: "learningRate", values: [3, 4] },
    ]);
  });

  it("tunes every arm alike: its strength first, then its learning rate, on the same grids", () => {
    const tuned = load().filter(({ sweeps }) => sweeps.length > 0);
    for (const { name, sweeps, config } of tuned) {
      expect(sweeps.at(-1), name).toEqual({ setting: "learningRate", values: [0.01, 0.02, 0.03, 0.04, 0.05] });
      if (config.energy !== undefined) {
        expect(sweeps[0], name).toEqual({ setting: "weight", values: [10, 30, 100, 300, 1000] });
      }
    }
    expect(tuned.map(({ name }) => name)).toEqual(expect.arrayContaining(["none", "batch-norm", "pca", "mhe"]));
  });

  it("takes settings that nine seeds or more chose, none of them at an end of its grid", () => {
    const { seeds, chosen } = JSON.parse(readFileSync(TUNING_FILE, "utf8"));
    expect(seeds.count).toBeGreaterThanOrEqual(9);
    for (const { name, sweeps } of chooseArms(load(), undefined)) {
      for (const { setting, values } of sweeps) {
        const value: number = chosen[name][setting];
        expect(value, `${name}: ${setting}`).toBeGreaterThan(values[0]!);
        expect(value, `${name}: ${setting}`).toBeLessThan(values.at(-1)!);
        expect(values, name).toContain(value);
      }
    }
  });

  it.each([
    ["a missing file", "/no/such.json", /such\.json: can't be read/],
    ["no JSON", write("broken.json", "{"), /broken\.json: expected JSON/],
    ["an unknown key", write("key.json", { arms: { x: { wieght: 3 } } }), /arms\.x: .*"wieght"/],
    [
      "a wrong type",
      write("type.json", { arms: { x: { learningRate: "fast" } } }),
      /arms\.x\.learningRate: .*expected number/,
    ],
    [
      "an unknown strategy",
      write("kind.json", { arms: { x: { energy: { projection: { kind: "magic" } }, weight: 1 } } }),
      /arms\.x\.energy: projection.* "magic"/,
    ],
    [
      "too few dimensions",
      write("k.json", { arms: { x: { energy: { projection: { kind: "random", dimension: 3 } }, weight: 1 } } }),
      /arms\.x\.energy: projection\.dimension: expected more than/,
    ],
    [
      "an energy without a weight",
      write("weight.json", { arms: { x: { energy: half } } }),
      /arms\.x\.weight: expected a number .* got nothing/,
    ],
    [
      "a weight without an energy",
      write("energy.json", { arms: { x: { weight: 3 } } }),
      /arms\.x\.weight: there is no energy/,
    ],
  ])("refuses %s and names the place", (_, path, message) => {
    expect(() => load(path)).toThrow(message);
  });
});

describe("chooseArms", () => {
  it("keeps the order of the study", () => {
    expect(chooseArms(load(), ["mhe", "none"]).map(({ name }) => name)).toEqual(["none", "mhe"]);
  });

  it("lists the arms there are when a name is unknown", () => {
    expect(() => chooseArms(load(), ["none", "nonesuch"])).toThrow(
      /expected names out of none, weight-decay, .*; got "nonesuch"/,
    );
  });
});
