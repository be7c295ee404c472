/** What changed between two models, in words: differences against their definition, and each kind on models that are made to be it. */
import { readFileSync } from "node:fs";
import { referenceBackend } from "@comhe/core";
import type { LayerSource, ModelContents } from "@comhe/models";
import { describe, expect, test } from "vitest";
import { differenceOf } from "../src/compare/difference.js";
import { symmetricEigenvalues } from "../src/compare/eigenvalues.js";
import {
  type AuditReport,
  auditModel,
  auditSettings,
  compareModels,
  comparisonKinds,
  matchLayers,
  weightChanges,
} from "../src/index.js";
import { comparePage } from "../src/pages.js";
import { layerOf, modelOf, normal } from "./planted.js";
import { comparisonSchema } from "./report-schema.js";

const backend = referenceBackend();
const settings = auditSettings({ space: "half" }, { budget: null });

const known = new WeakMap<ModelContents, AuditReport>();
async function auditOf(model: ModelContents): Promise<AuditReport> {
  const report = known.get(model) ?? (await auditModel(model, { backend, settings }));
  known.set(model, report);
  return report;
}

async function compare(before: ModelContents, after: ModelContents) {
  const [first, second] = [await auditOf(before), await auditOf(after)];
  const changes = await weightChanges(matchLayers(first.layers, second.layers), before, after, { backend });
  const comparison = compareModels(first, second, changes);
  expect(() => comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).not.toThrow();
  return comparison;
}

const names = [
  "model.embed_tokens.weight",
  ...[0, 1, 2, 3].flatMap((block) =>
    [`q_proj`, "v_proj"].map((part) => `model.layers.${block}.self_attn.${part}.weight`),
  ),
  "lm_head.weight",
];
const dim = 24;
const plain = (name: string) => normal(name, name.includes("layers") ? 32 : 50, dim);
const network = (change: (name: string, rows: Float32Array) => Float32Array, rename = (name: string) => name) =>
  modelOf(names.map((name) => layerOf(rename(name), change(name, plain(name)), dim)));
const before = network((_, rows) => rows);

/** rows + u·v of so many pairs. */
function plusRank(rows: Float32Array, name: string, rank: number, size = 0.02): Float32Array {
  const count = rows.length / dim;
  const [left, right] = [normal(`${name} left`, count, rank), normal(`${name} right`, rank, dim)];
  return rows.map((value, n) => {
    const [row, k] = [Math.floor(n / dim), n % dim];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += left[row * rank + r]! * right[r * dim + k]!;
    return value + size * sum;
  });
}
const noise = (rows: Float32Array, name: string, size = 0.05) => {
  const step = normal(`${name} noise`, rows.length / dim, dim);
  return rows.map((value, n) => value + size * step[n]!);
};

describe("a difference", () => {
  test("has its size, rank and rows by the definition", async () => {
    const rows = normal("rows", 40, dim);
    const other = plusRank(rows, "rows", 3);
    const step = Float64Array.from(other, (value, n) => value - rows[n]!);
    const gram = new Float64Array(dim * dim);
    for (let i = 0; i < 40; i++)
      for (let a = 0; a < dim; a++)
        for (let b = 0; b < dim; b++) gram[a * dim + b]! += step[i * dim + a]! * step[i * dim + b]!;
    const values = symmetricEigenvalues(gram, dim);
    const [sum, squares] = [values.reduce((a, b) => a + b, 0), values.reduce((a, b) => a + b * b, 0)];
    const found = await differenceOf(backend, rows, other, dim);
    const length = (numbers: ArrayLike<number>) => Math.hypot(...Array.from(numbers));
    expect(found.size!).toBeCloseTo(length(step) / length(rows), 6);
    expect(found.effectiveRank).toBeCloseTo(sum ** 2 / squares, 4);
    expect(found.directions).toBeLessThanOrEqual(3);
    expect(found).toMatchObject({ changedRows: 40, unchanged: false, sampled: false });
    const one = rows.slice();
    one[7 * dim + 2]! += 0.5;
    expect(await differenceOf(backend, rows, one, dim)).toMatchObject({
      changedRows: 1,
      mostChanged: [7],
      directions: 1,
    });
  });

  test("of noise fills all directions, at every scale; of more than 160 it can't be told in how many", async () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const rows = normal("scale", 60, dim).map((value) => value * scale);
      const found = await differenceOf(backend, rows, noise(rows, "scale", 0.01 * scale), dim);
      expect(found.size!).toBeCloseTo(0.01, 2);
      expect(found.effectiveRank).toBeGreaterThan(14);
      expect(found.directions).toBeGreaterThan(15);
    }
    const wide = normal("wide", 400, 400);
    const step = normal("step", 400, 400);
    const other = wide.map((value, n) => value + 0.01 * step[n]!);
    const found = await differenceOf(backend, wide, other, 400);
    expect(found.directions).toBeNull();
    // (Σσ²)²/Σσ⁴ of N×d normal numbers is N·d/(N + d).
    expect(Math.abs(found.effectiveRank / 200 - 1)).toBeLessThan(0.03);
    const few = new Float32Array(400 * 400);
    for (let r = 0; r < 5; r++)
      for (let n = 0; n < few.length; n++)
        few[n]! += step[Math.floor(n / 400) * 400 + r]! * step[(n % 400) * 400 + r + 9]!;
    const low = await differenceOf(
      backend,
      wide,
      wide.map((value, n) => value + 1e-3 * few[n]!),
      400,
    );
    expect(low.directions).toBeLessThanOrEqual(5);
    expect(low.effectiveRank).toBeLessThan(5.5);
  });

  test("of zeros and to zeros", async () => {
    const zeros = new Float32Array(8 * dim);
    const rows = normal("zeros", 8, dim);
    expect(await differenceOf(backend, zeros, rows, dim)).toMatchObject({ size: null, cosine: null, changedRows: 8 });
    expect(await differenceOf(backend, rows, zeros, dim)).toMatchObject({ size: expect.closeTo(1, 9), cosine: null });
    expect(await differenceOf(backend, rows, rows.slice(), dim)).toMatchObject({ unchanged: true, changedRows: 0 });
  });
});

test("eigenvalues of a matrix with known ones", () => {
  const n = 30;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) matrix[i * n + j] = i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0;
  // Turned by a reflection, so that it isn't tridiagonal.
  const v = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
  const square = v.reduce((sum, value) => sum + value * value, 0);
  const turn = (a: Float64Array, left: boolean) =>
    Float64Array.from(a, (value, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let inner = 0;
      for (let k = 0; k < n; k++) inner += v[k]! * (left ? a[k * n + j]! : a[i * n + k]!);
      return value - (2 * inner * (left ? v[i]! : v[j]!)) / square;
    });
  const found = symmetricEigenvalues(turn(turn(matrix, true), false), n);
  for (const [k, value] of found.entries()) {
    expect(value).toBeCloseTo(2 + 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 10);
  }
});

describe("two models", () => {
  test("identical ones, renamed ones", async () => {
    const same = await compare(
      before,
      network((_, rows) => rows.slice()),
    );
    expect(same).toMatchObject({ kind: "identical", version: 3 });
    expect(same.lines).toEqual(["The two are identical: every number of 10 layers is the same."]);
    const renamed = await compare(
      before,
      network(
        (_, rows) => rows,
        (name) => `base.${name}`,
      ),
    );
    expect(renamed.kind).toBe("identical");
    expect(renamed.matched.every(({ by }) => by === "numbers")).toBe(true);
    expect(renamed.lines.join(" ")).toMatch(
      /10 layers were renamed: model\.layers\.\d\.self_attn\.q_proj\.weight is base\.model/,
    );
  });

  test("a merged adapter: which layers, and that embeddings didn't change", async () => {
    const adapted = network((name, rows) => (name.includes("q_proj") ? plusRank(rows, name, 2) : rows));
    const { kind, lines, changes } = await compare(before, adapted);
    expect(kind).toBe("low-rank");
    expect(lines[0]).toBe(
      "Looks like a low-rank adapter merged in: in each of 4 layers that changed, 2 directions or fewer hold 95 % of the difference.",
    );
    expect(lines[1]).toBe(
      "4 of 10 matched layers changed, 6 are the same to the last bit; the embedding is unchanged; the head is unchanged.",
    );
    expect(lines.join("\n")).toMatch(/^Most changed: model\.layers\.\d\.self_attn\.q_proj\.weight, by \d/m);
    expect(changes.filter((change) => "unchanged" in change && !change.unchanged).length).toBe(4);
  });

  test("the last blocks, with their numbers; the head alone; all of it; another type; another model", async () => {
    const last = await compare(
      before,
      network((name, rows) => (/layers\.3|lm_head/.test(name) ? noise(rows, name) : rows)),
    );
    expect(last.kind).toBe("last-blocks");
    expect(last.lines[0]).toBe(
      "Looks like a fine-tuning of the last block (3) of 4 and the head: nothing before it changed.",
    );
    const head = await compare(
      before,
      network((name, rows) => (name.startsWith("lm_head") ? noise(rows, name) : rows)),
    );
    expect(head).toMatchObject({ kind: "head-only" });
    const all = await compare(
      before,
      network((name, rows) => noise(rows, name)),
    );
    expect(all.kind).toBe("fine-tuned");
    expect(all.lines[0]).toMatch(
      /^Looks like a fine-tuning of every layer: the median difference is (4\.\d|5\.\d) % of/,
    );
    expect(all.lines[1]).toContain("the embedding changed (50 of 50 rows)");
    const rounded = await compare(before, {
      ...before,
      layers: before.layers.map((layer) => ({
        ...layer,
        dataType: "float16",
        read: async () => (await layer.read()).map((value) => Math.round(value * 1024) / 1024) as Float32Array,
      })),
    });
    expect(rounded.kind).toBe("rounded");
    const inSteps = {
      ...before,
      layers: before.layers.map((layer) => ({
        ...layer,
        name: `${layer.name}_quantized`,
        dataType: "int8",
        read: async () => (await layer.read()).map((value) => Math.round(value * 16) / 16) as Float32Array,
      })),
    };
    const quantized = await compare(before, inSteps);
    expect(quantized.kind).toBe("quantized");
    expect(quantized.matched.every(({ by }) => by === "name")).toBe(true);
    expect(quantized.lines[0]).toMatch(
      /^Looks like the same model quantized \(float32, then int8\): the median difference is 1\.\d %/,
    );
    expect((await compare(inSteps, before)).kind).toBe("quantized");
    // Of layers that kept their numbers nothing is asked.
    const half = { ...before, layers: before.layers.map((layer, n) => (n % 2 ? layer : inSteps.layers[n]!)) };
    expect((await compare(before, half)).kind).toBe("quantized");
    expect((await compare({ ...before, layers: half.layers }, inSteps)).kind).toBe("quantized");
    const other = await compare(
      before,
      network((name) => plain(`other ${name}`).slice(0, plain(name).length)),
    );
    expect(other.kind).toBe("different-model");
    expect(other.lines[0]).toMatch(/1[34]\d % of its size/);
  });

  test("the first blocks, or a first and the last, aren't the last ones", async () => {
    for (const blocks of [/layers\.0/, /layers\.[13]/, /layers\.[0-3]/]) {
      const found = await compare(
        before,
        network((name, rows) => (blocks.test(name) ? noise(rows, name) : rows)),
      );
      expect(found.kind, String(blocks)).toBe("fine-tuned");
    }
  });

  test("nothing in common, layers of one alone, one that can't be read", async () => {
    const alien = modelOf([layerOf("x", normal("x", 5, 3), 3)]);
    const nothing = await compare(before, alien);
    expect(nothing.kind).toBe("different-model");
    expect(nothing.lines).toEqual([
      "No layer of one matches a layer of the other, by name, numbers or shape: these look like different models.",
      "10 layers only before, 1 layer only after.",
    ]);
    const short = await compare(before, modelOf(before.layers.slice(1)));
    expect(short.lines.join(" ")).toContain("1 layer only before, 0 layers only after.");
    expect(short.kind).toBeNull();
    const reports = await auditOf(before);
    const broken: Pick<ModelContents, "layers"> = {
      layers: before.layers.map(
        (layer): LayerSource => ({ ...layer, read: () => Promise.reject(new Error("cut\nshort")) }),
      ),
    };
    const digestless = reports.layers.map((layer) => ({ ...layer, digest: null }));
    const changes = await weightChanges(matchLayers(digestless, digestless), broken, broken, { backend });
    expect(changes[0]).toMatchObject({ problem: "cut" });
    expect(compareModels({ layers: digestless }, { layers: digestless }, changes).kind).toBeNull();
  });

  test("names are text, wherever they stand", async () => {
    const hostile = `<img src=x onerror=alert(1)>\u202e\u001b[31m|\`=cmd`;
    const rows = normal("hostile", 30, 8);
    const comparison = await compare(
      modelOf([layerOf(hostile, rows, 8)]),
      modelOf([
        layerOf(
          hostile,
          rows.map((value, n) => (n < 9 ? value + 1 : value)),
          8,
        ),
      ]),
    );
    expect(comparison.lines.join(" ")).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(comparePage(comparison, hostile, hostile, settings)).not.toMatch(/<img|\u202e|[^\P{Cc}\n]/u);
  });
});

test("every kind stands in the documentation, in their order, with its threshold", () => {
  const page = readFileSync(new URL("../../../docs/usage/reading-an-audit.md", import.meta.url), "utf8");
  const lines = page
    .split("\n")
    .filter((line) => comparisonKinds.some(({ name }) => line.startsWith(`| \`${name}\` |`)));
  expect(lines.map((line) => line.split("`")[1])).toEqual(comparisonKinds.map(({ name }) => name));
  comparisonKinds.forEach(({ threshold, measure }, n) => {
    expect(lines[n]).toContain(`| ${threshold} |`);
    expect(lines[n]).toContain(measure);
  });
});
