/** What an audit judges and what it can't: gates, misspelt globs, files beside one that is broken, dead and faint neurons, samples, and results for programs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayerAudit } from "@comhe/audit";
import { randomStream } from "@comhe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npyBytes, safetensorsBytes, write } from "../../models/test/weights-files.js";
import { comheIn } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-judging-"));
afterAll(() => rmSync(folder, { recursive: true }));

const comhe = comheIn(folder);

interface Printed {
  layers: LayerAudit[];
  failed: { file: string; layer: string | null; problem: string }[];
}
const audit = async (...args: string[]) => {
  const outcome = await comhe("audit", ...args, "--format", "json");
  return { ...outcome, ...(JSON.parse(outcome.stdout) as Printed) };
};

const dim = 32;
const normal = (name: string, count: number) => randomStream(1, name, 0).fillNormal(new Float32Array(count * dim));
const tensor = (name: string, data: Float32Array, shape = [data.length / dim, dim]) => ({
  ...{ name, dtype: "F32", shape },
  bytes: new Uint8Array(data.buffer),
});

/** 84 neurons, two of which are alike. */
const crowd = normal("crowd", 84);
crowd.copyWithin(dim, 0, dim);
crowd[dim]! += 0.2;

beforeAll(() => {
  const zeros = new Float32Array(128 * dim);
  zeros.set(crowd, 44 * dim);
  const dust = normal("dust", 128);
  // Dead rows that all point one way, as weight decay leaves them.
  for (let row = 0; row < 44; row++)
    dust.set(
      dust.slice(0, dim).map((value) => value * 1e-9),
      row * dim,
    );
  dust.set(crowd, 44 * dim);
  const faint = normal("faint", 94);
  for (let row = 0; row < 10; row++)
    faint.set(
      crowd.subarray(0, dim).map((value) => value * 1e-4),
      row * dim,
    );
  faint.set(crowd, 10 * dim);
  write(folder, "crowd.safetensors", safetensorsBytes([tensor("alone.weight", crowd)]));
  write(
    folder,
    "ends.safetensors",
    safetensorsBytes([
      tensor("zeros.weight", zeros),
      tensor("dust.weight", dust),
      tensor("faint.weight", faint),
      tensor("random.weight", normal("random", 100)),
    ]),
  );
  write(folder, "large.safetensors", safetensorsBytes([tensor("large.weight", normal("large", 400))]));
  write(folder, "one.npy", npyBytes([1, dim], new Uint8Array(normal("one", 1).buffer)));
  write(folder, "whole.npy", npyBytes([2, 2], new Uint8Array(4), "|i1"));
  write(folder, "broken.safetensors", new Uint8Array([9, 9, 9, 9, 9, 9, 9, 9, 1]));
});

describe("a gate", () => {
  test.each(["whole.npy", "one.npy"])("that has nothing to judge in %s isn't passed, and says so", async (file) => {
    const { code, stderr } = await comhe("audit", file, "--fail-above", "1000");
    expect(code).toBe(3);
    expect(stderr).toMatch(/--fail-above 1000 has nothing to judge: no layer (was audited|has a score)/);
  });

  test("passes where a layer was judged, be it beside others without a score", async () => {
    expect((await comhe("audit", "one.npy", "crowd.safetensors", "--fail-above", "1e6")).code).toBe(0);
  });

  test("goes by the living neurons", async () => {
    const { layers } = await audit("crowd.safetensors");
    const score = layers[0]!.score!;
    const above = await comhe("audit", "ends.safetensors", "--layer", "zeros*", "--fail-above", String(0.99 * score));
    const below = await comhe("audit", "ends.safetensors", "--layer", "dust*", "--fail-above", String(1.01 * score));
    expect([above.code, below.code]).toEqual([1, 0]);
  });
});

test.each([
  ["--exclude", "nothing*"],
  ["--layer", "nothing*"],
  ["--layout", "nothing*=neurons-last"],
])("%s %s beside one that matches is a wrong command line", async (flag, value) => {
  const good = { "--exclude": "faint*", "--layer": "z*", "--layout": "z*=neurons-last" }[flag]!;
  const { code, stderr } = await comhe("audit", "ends.safetensors", flag, good, flag, value);
  expect(code).toBe(2);
  expect(stderr).toContain(`${flag} ${value}: no layer matches. The layers: `);
});

describe("one file of several that can't be read", () => {
  test("leaves the audits of the others, is named, and ends with 3", async () => {
    const { code, layers, failed, stderr } = await audit(
      "crowd.safetensors",
      "broken.safetensors",
      "absent.onnx",
      "one.npy",
    );
    expect(code).toBe(3);
    expect(layers.map(({ file }) => file)).toEqual(["crowd.safetensors", "one.npy"]);
    expect(failed.map(({ file, layer }) => [file, layer])).toEqual([
      ["broken.safetensors", null],
      ["absent.onnx", null],
    ]);
    expect(stderr).toMatch(/^comhe: broken\.safetensors: .*\ncomhe: absent\.onnx: .*\n$/);
    const table = await comhe("audit", "crowd.safetensors", "broken.safetensors", "--html", "page.html");
    expect(table.stdout).toMatch(/Not audited: broken\.safetensors: /);
    expect(readFileSync(join(folder, "page.html"), "utf8")).toContain("the whole file");
  });

  test("ends all where no other is left, or where two are compared", async () => {
    const all = await comhe("audit", "broken.safetensors", "absent.onnx");
    expect([all.code, all.stdout]).toEqual([3, ""]);
    expect(all.stderr).toMatch(/broken\.safetensors: [^\n]*\ncomhe: absent\.onnx: can't be read/);
    expect((await comhe("compare", "crowd.safetensors", "absent.onnx")).code).toBe(3);
  });
});

describe("dead and faint neurons", () => {
  test("are counted, and order, score and cosines are those of the living", async () => {
    const [alone] = (await audit("crowd.safetensors")).layers;
    const { layers } = await audit("ends.safetensors");
    const of = (name: string) => layers.find(({ layer }) => layer === `${name}.weight`)!;
    expect([of("zeros"), of("dust"), of("faint")].map(({ dead, faint }) => [dead, faint])).toEqual([
      [44, 0],
      [44, 0],
      [0, 10],
    ]);
    for (const name of ["zeros", "dust", "faint"]) {
      const layer = of(name);
      expect(layer.livingScore! / alone!.score!).toBeCloseTo(1, 4);
      expect(layer.livingSpread! / alone!.scoreSpread!).toBeCloseTo(1, 4);
      expect(layer.maxCosine).toBeCloseTo(alone!.maxCosine, 5);
      expect(layer.effectiveRank).toBeCloseTo(alone!.effectiveRank, 3);
      expect(layer.duplicates).toBe(0);
    }
    expect(of("dust").score!).toBeGreaterThan(50 * of("dust").livingScore!);
    expect(of("zeros").score!).toBeLessThan(of("zeros").livingScore!);
    expect(layers.at(-1)!.layer).toBe("random.weight");
    expect(of("random")).toMatchObject({ dead: 0, faint: 0, livingScore: null, livingSpread: null });
  });
});

describe("results for programs", () => {
  test("JSON: lists of numbers on one line, heat maps on request, the neurons' axis", async () => {
    const plain = await audit("ends.safetensors");
    expect(plain.stdout.split("\n").length).toBeLessThan(400);
    expect(plain.layers[0]!.heatMap).toBeUndefined();
    expect(plain.layers.map(({ neuronAxes, lowerBounds }) => [neuronAxes, lowerBounds])).toEqual(
      plain.layers.map(() => [[0], []]),
    );
    const full = await audit("crowd.safetensors", "--heat-maps", "--layout", "*=neurons-last");
    expect(full.layers[0]!.heatMap!.cosines.length).toBe(32 * 32);
    expect(full.layers[0]!.neuronAxes).toEqual([1]);
  });

  test("CSV: intervals and axes, and no character that isn't ASCII, of compare too", async () => {
    const { stdout } = await comhe("audit", "large.safetensors", "--pairs", "1000", "--format", "csv");
    const [head, first] = stdout.split("\n").map((line) => line.split(","));
    const cell = (name: string) => first![head!.indexOf(name)]!;
    expect(Number(cell("intervalLow"))).toBeLessThan(Number(cell("energyHalf")));
    expect(Number(cell("intervalHigh"))).toBeGreaterThan(Number(cell("energyHalf")));
    expect(cell("neuronAxes")).toBe("0");
    expect(cell("lowerBounds")).toBe("maxCosine nearest duplicates");
    const compared = await comhe("compare", "crowd.safetensors", "ends.safetensors", "--format", "csv");
    const heads = compared.stdout.split("\n")[0]!.split(",");
    const matched = compared.stdout.split("\n")[1]!.split(",");
    expect(Number(matched[heads.indexOf("before score")])).toBeGreaterThan(1);
    for (const text of [stdout, compared.stdout]) expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

test("a sample's largest cosine and nearest pair are marked as bounds wherever they are shown", async () => {
  const args = ["audit", "large.safetensors", "--pairs", "1000"];
  const table = await comhe(...args, "--wide", "--html", "sample.html");
  expect(table.stdout).toMatch(/≥ 0\.\d+ │ +\d+ ~ \d+ \(seen\)/);
  expect(readFileSync(join(folder, "sample.html"), "utf8")).toMatch(/≥ 0\.\d+.*\(seen\)/);
  expect((await comhe(...args, "--format", "md")).stdout).toMatch(/≥ 0\.\d+ \| \d+ ~ \d+ \(seen\)/);
  expect((await audit(...args.slice(1))).layers[0]!.lowerBounds).toEqual(["maxCosine", "nearest", "duplicates"]);
});

test("the help names every rule, and says nothing of empty lists", async () => {
  const { code, stderr } = await comhe("audit", "crowd.safetensors", "--fail-on", "nonsense");
  expect(code).toBe(2);
  const rules = /one of (.*), each perhaps/.exec(stderr)![1]!.split(", ");
  expect(rules.length).toBeGreaterThan(8);
  const help = (await comhe("audit", "--help")).stdout.replaceAll(/\s+/g, " ");
  for (const rule of [...rules, "score"]) expect(help).toContain(` ${rule}`);
  expect(help).not.toContain("[])");
});
