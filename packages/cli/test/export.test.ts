/** `--export`: pairs and groups with the names of their rows, as other programs read them. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";
import { comheIn } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
const audit = (...args: string[]) => comheIn(folder)("audit", ...args);

const [count, dim] = [40, 16];
const copies = [3, 11, 12, 30];
/** A token that a spreadsheet would run. */
const hostile = '=HYPERLINK("x")';

beforeAll(() => {
  const rows = randomStream(1, "export", 0).fillNormal(new Float32Array(count * dim));
  for (const row of copies) rows.copyWithin(row * dim, 3 * dim, 4 * dim);
  const bytes = new Uint8Array(rows.buffer);
  write(
    folder,
    "model.safetensors",
    safetensorsBytes([{ name: "embed.weight", dtype: "F32", shape: [count, dim], bytes }]),
  );
  const vocab = Object.fromEntries(Array.from({ length: count - 2 }, (_, n) => [n === 11 ? hostile : `Ġt${n}`, n]));
  const tokenizer = { model: { type: "BPE", vocab }, decoder: { type: "ByteLevel" }, added_tokens: [] };
  write(folder, "tokenizer.json", JSON.stringify(tokenizer));
});

test("groups as JSON, all rows by name; the report names them too", async () => {
  const { code, stdout } = await audit("model.safetensors", "--export", "groups.json");
  expect(code).toBe(0);
  expect(stdout).toContain('3 of 40 neurons repeat another, in 1 group, the largest of 4 (" t3", "=HYPERLINK');
  const { layers } = JSON.parse(readFileSync(join(folder, "groups.json"), "utf8"));
  expect(layers).toEqual([
    {
      file: "model.safetensors",
      layer: "embed.weight",
      complete: true,
      groups: [{ rows: copies, names: [" t3", hostile, " t12", " t30"] }],
    },
  ]);
});

test("pairs as CSV that spreadsheets don't run, and as Parquet", async () => {
  expect((await audit("model.safetensors", "--export", "pairs.csv")).code).toBe(0);
  const lines = readFileSync(join(folder, "pairs.csv"), "utf8").trim().split("\n");
  expect(lines[0]).toBe("file,layer,a,b,cosine,name a,name b");
  expect(lines.length).toBe(1 + (count * (count - 1)) / 2);
  expect(lines[1]).toBe(`model.safetensors,embed.weight,3,11,1, t3,"'=HYPERLINK(""x"")"`);
  expect((await audit("model.safetensors", "--export", "pairs.parquet")).code).toBe(0);
  const bytes = readFileSync(join(folder, "pairs.parquet"));
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  expect(rows.length).toBe(lines.length - 1);
  expect(rows[0]).toEqual({
    ...{ file: "model.safetensors", layer: "embed.weight", a: 3, b: 11, cosine: 1 },
    ...{ "name a": " t3", "name b": hostile },
  });
});

test.each([
  ["pairs.txt", []],
  ["pairs", []],
  ["nowhere/pairs.csv", []],
  ["pairs.csv", ["--resume", "side.jsonl"]],
])("%s is refused before anything is computed", async (file, more) => {
  const { code, stderr } = await audit("model.safetensors", "--export", file, ...more);
  expect(code).toBe(2);
  expect(stderr).not.toContain("Auditing");
});
