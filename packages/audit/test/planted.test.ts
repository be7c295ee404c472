/** What is wrong with a model is described, by name, and nothing else is. */
import { referenceBackend } from "@comhe/core";
import { beforeAll, describe, expect, test } from "vitest";
import { type AuditReport, auditModel, auditSettings, judge, layerSentence, parseGates, rules } from "../src/index.js";
import { layerOf, modelOf, normal, plantedModel } from "./planted.js";

const backend = referenceBackend();
const settings = auditSettings(undefined, { budget: null });
let report: AuditReport;
const layer = (name: string) => report.layers.find((found) => found.layer === name)!;

beforeAll(async () => {
  report = await auditModel(plantedModel(), { backend, settings });
});

describe("a planted model", () => {
  test("has exactly the findings that were planted", () => {
    const found = Object.fromEntries(
      report.layers.map(({ layer: name, findings }) => [name, findings.map(({ rule, count }) => `${rule} ${count}`)]),
    );
    expect(found).toEqual({
      "embed.weight": ["copies 6"],
      "mlp.up.weight": ["dead 3"],
      "attn.head.weight": ["crowded 32"],
      "sound.0.weight": [],
      "sound.1.weight": [],
    });
    expect(report.failed.map(({ layer: name, rest }) => [name, rest!.findings.map(({ rule }) => rule)])).toEqual([
      ["mlp.down.weight", ["nan"]],
    ]);
  });

  test("names the copies as one group, the dead rows and the broken one", () => {
    const { groups, groupCount, distinctScore, score } = layer("embed.weight");
    expect(groupCount).toBe(1);
    expect(groups[0]).toMatchObject({ size: 7, rows: [5, 17, 60, 61, 200, 311, 399] });
    expect(groups[0]!.names).toEqual([5, 17, 60, 61, 200, 311, 399].map((row) => `token ${row}`));
    expect(distinctScore!).toBeLessThan(1.5);
    expect(score!).toBeGreaterThan(5 * distinctScore!);
    expect(layer("mlp.up.weight").health.dead.rows).toEqual([3, 30, 63]);
    expect(report.failed[0]!.rest!.health.nan).toMatchObject({ count: 1, rows: [9] });
    expect(report.failed[0]!.rest!.health.dead.count).toBe(0);
  });

  test("is said in sentences that hold no more than the numbers", () => {
    expect(layerSentence(layer("embed.weight"))).toBe(
      '6 of 400 neurons repeat another, in 1 group, the largest of 7 ("token 5", "token 17", "token 60", "token 61", "token 200", "token 311", "token 399"); the rest is as spread out as random directions',
    );
    expect(layerSentence(layer("mlp.up.weight"))).toBe(
      "3 neurons are dead (row 3, row 30, row 63); the rest is as spread out as random directions",
    );
    expect(layerSentence(layer("attn.head.weight"))).toMatch(
      /^its neurons have only \d\.\d effective dimensions, where random directions have 16\.3$/,
    );
    expect(layerSentence(layer("sound.0.weight"))).toBe("its neurons are as spread out as random directions");
    const [verdict] = report.verdicts;
    expect(verdict).toMatchObject({ sound: false, findings: { nan: 1, dead: 1, copies: 1, crowded: 1 } });
    expect(verdict!.lines[0]).toBe("4 of 6 layers stand out: nan in 1, dead in 1, copies in 1, crowded in 1.");
    expect(verdict!.lines[1]).toMatch(/^Look first at mlp\.down\.weight: 1 row holds NaN \(row 9\)/);
    expect(JSON.stringify(report.verdicts)).not.toMatch(/prune|remove|redundan/i);
  });

  test("fails the gates that ask for it, by name, and no other", () => {
    const gates = parseGates("nan,dead>2,dead>3,copies>6,crowded,exploding,infinite,score>1000000");
    if ("problem" in gates) throw new Error(gates.problem);
    const { failures, unjudged } = judge(report, gates);
    expect(failures.map(({ gate, layer: name }) => [gate.text, name])).toEqual([
      ["nan", "mlp.down.weight"],
      ["dead>2", "mlp.up.weight"],
      ["crowded", "attn.head.weight"],
    ]);
    expect(unjudged).toEqual([]);
  });
});

test("a sound model is called so, and one that can't be judged isn't", async () => {
  const sound = await auditModel(modelOf([layerOf("a", normal("a", 50, 16), 16)]), { backend, settings });
  expect(sound.verdicts[0]).toMatchObject({ sound: true, findings: {} });
  expect(sound.verdicts[0]!.lines[0]).toBe("Nothing stands out in 1 layer.");
  const single = await auditModel(modelOf([layerOf("b", normal("b", 1, 16), 16)]), { backend, settings });
  const gates = parseGates("score>3");
  expect(judge(single, gates as never).unjudged.length).toBe(1);
});

test.each([
  ["exploding", (rows: Float32Array): void => scale(rows, 7, 1000)],
  ["faint", (rows: Float32Array): void => scale(rows, 7, 1e-4)],
  ["constant", (rows: Float32Array): unknown => rows.fill(0.25, 7 * 16, 8 * 16)],
  ["infinite", (rows: Float32Array): unknown => rows.fill(Number.POSITIVE_INFINITY, 7 * 16, 7 * 16 + 1)],
] as const)("a row that is %s is found, and nothing else", async (rule, plant) => {
  const rows = normal("row", 60, 16);
  plant(rows);
  const { layers, failed } = await auditModel(modelOf([layerOf("a", rows, 16)]), { backend, settings });
  const found = (layers[0] ?? failed[0]!.rest!) as (typeof layers)[0];
  expect(found.findings).toMatchObject([{ rule, count: 1 }]);
  expect(found.health[rule].rows).toEqual([7]);
});

function scale(rows: Float32Array, row: number, factor: number): void {
  for (let k = row * 16; k < (row + 1) * 16; k++) rows[k]! *= factor;
}

test.each(["ded", "score", "score>x", "dead>", "", "dead,,nan", "score<3", "dead>1e400"])(
  "the gates %j are refused",
  (text) => {
    expect(parseGates(text)).toMatchObject({ problem: expect.stringMatching(/expected score>NUMBER, or one of nan/) });
  },
);

test("rules have names of their own and thresholds", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { threshold, measure } of rules) {
    expect(threshold).toBeGreaterThan(0);
    expect(measure.length).toBeGreaterThan(10);
  }
});
