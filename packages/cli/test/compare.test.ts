/** `comhe compare` on files: what is said first, what is listed, and what programs get. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { comparisonSchema } from "../../audit/test/report-schema.js";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";
import { comheIn } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const comhe = comheIn(folder);
const compare = (...args: string[]) => comhe("compare", ...args);

const dim = 32;
const normal = (name: string, count: number) => randomStream(1, name, 0).fillNormal(new Float32Array(count * dim));
const tensor = (name: string, data: Float32Array) => ({
  ...{ name, dtype: "F32", shape: [data.length / dim, dim] },
  bytes: new Uint8Array(data.buffer),
});
const names = ["embed.weight", ...[0, 1, 2, 3].map((block) => `layers.${block}.mlp.up_proj.weight`)];

beforeAll(() => {
  const before = names.map((name) => [name, normal(name, 40)] as const);
  const [left, right] = [normal("left", 40), normal("right", 40)];
  const merged = before.map(([name, rows]) =>
    name.startsWith("layers.1")
      ? ([name, rows.map((value, n) => value + 0.05 * left[Math.floor(n / dim) * dim]! * right[n % dim]!)] as const)
      : ([name, rows] as const),
  );
  write(folder, "before.safetensors", safetensorsBytes(before.map(([name, rows]) => tensor(name, rows))));
  write(folder, "merged.safetensors", safetensorsBytes(merged.map(([name, rows]) => tensor(name, rows))));
  const hostile = before.map(([name, rows]) => tensor(`<b>${name}|\u001b[31m=cmd`, rows));
  write(folder, "renamed.safetensors", safetensorsBytes(hostile));
});

test("in words, then the layers that changed, in lines of 100 characters", async () => {
  const { code, stdout, stderr } = await compare("before.safetensors", "merged.safetensors");
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.split("\n");
  expect(lines[0]).toBe(
    "Looks like a low-rank adapter merged in: in the layer that changed, 1 direction or fewer hold 95 % of the difference.",
  );
  expect(lines[1]).toBe("1 of 5 matched layers changed, 4 are the same to the last bit; the embedding is unchanged.");
  expect(stdout).toMatch(/layers\.1\.mlp\.up_proj\.weight +│ +40×32 │ +\d\.\d+ % │ +1\.00? │/);
  expect(stdout).toContain("4 unchanged layers aren't listed; --all lists them.");
  for (const line of lines.filter((text) => /[│┌└]/.test(text))) expect(line.length).toBeLessThanOrEqual(100);
  const all = await compare("before.safetensors", "merged.safetensors", "--all", "--wide");
  expect(all.stdout.match(/│ 40×32 │|│ +40×32 │/g)!.length).toBe(5);
});

test("a file with itself is as many layers as it has", async () => {
  const { code, stdout } = await compare("before.safetensors", "before.safetensors");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^The two are identical: every number of 5 layers is the same\.\n5 unchanged layers/);
});

test("folders are compared by the models in them, however their paths are written", async () => {
  const bytes = (name: string) => readFileSync(join(folder, name));
  for (const name of ["before", "merged"]) {
    mkdirSync(join(folder, name));
    write(join(folder, name), "model.safetensors", bytes(`${name}.safetensors`));
  }
  const files = await compare("before.safetensors", "merged.safetensors");
  expect(await compare("before", "./merged/")).toEqual(files);
  const same = await compare("before", join(folder, "before", "model.safetensors"));
  expect(same.stdout).toContain("every number of 5 layers is the same");
});

test("JSON follows its schema; CSV has each layer with its change; a page is written", async () => {
  const json = await compare("before.safetensors", "merged.safetensors", "--format", "json", "--html", "page.html");
  const comparison = comparisonSchema.parse(JSON.parse(json.stdout));
  expect(comparison).toMatchObject({ version: 3, kind: "low-rank" });
  expect(comparison.changes.length).toBe(5);
  expect(readFileSync(join(folder, "page.html"), "utf8")).toContain("What changed");
  const csv = (await compare("before.safetensors", "merged.safetensors", "--format", "csv")).stdout.split("\n");
  const head = csv[0]!.split(",");
  const unchanged = csv.slice(1, 6).map((line) => line.split(",")[head.indexOf("change unchanged")]);
  expect(unchanged.sort()).toEqual(["false", "true", "true", "true", "true"]);
});

test("renamed layers are found, and names are text in every format", async () => {
  const args = ["before.safetensors", "renamed.safetensors"];
  const table = await compare(...args);
  expect(table.stdout).toMatch(/^The two are identical: every number of 5 layers is the same\.\n5 layers were renamed/);
  const turned = ["renamed.safetensors", "merged.safetensors", "--all"];
  const [text, md, csv] = await Promise.all(
    [[], ["--format", "md"], ["--format", "csv"]].map(async (more) => (await compare(...turned, ...more)).stdout),
  );
  for (const output of [table.stdout, text!, md!]) expect(output).not.toMatch(/[^\P{Cc}\n]/u);
  expect(md).not.toMatch(/<b>|[^\\]\|�/);
  expect(csv).toContain("numbers");
});
