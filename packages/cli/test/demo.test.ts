/** `comhe audit --demo`: its files are what the script makes, and what was planted in them is said by name, at 80 and at 100 columns, and nothing else is. */
import { readFileSync } from "node:fs";
import type { AuditReport } from "@comhe/audit";
import { expect, test } from "vitest";
import { reportSchema } from "../../audit/test/report-schema.js";
import { demoFiles } from "../scripts/make-demo.mjs";
import { printAudit } from "../src/report/print-audit.js";
import { comheIn } from "./run-command.js";

const comhe = comheIn(undefined);

test("the files in the package are those that the script makes, and small", () => {
  for (const [name, bytes] of Object.entries(demoFiles())) {
    const file = readFileSync(new URL(`../demo/${name}`, import.meta.url));
    expect(file.equals(bytes), name).toBe(true);
    expect(file.length).toBeLessThan(100_000);
  }
});

test("what was planted is said, and nothing else; the JSON follows its schema", async () => {
  const { code, stdout, stderr } = await comhe("audit", "--demo", "--format", "json");
  expect([code, stderr]).toEqual([0, ""]);
  const report = reportSchema.parse(JSON.parse(stdout)) as unknown as AuditReport;
  const found = report.layers.flatMap(({ layer, findings }) => findings.map(({ rule, count }) => [layer, rule, count]));
  expect(found.sort()).toEqual([
    ["model.embed_tokens.weight", "copies", 6],
    ["model.layers.1.mlp.up_proj.weight", "dead", 3],
    ["model.layers.3.self_attn.q_proj.weight", "collapsed-heads", 1],
  ]);
  const embedding = report.layers.find(({ layer }) => layer.startsWith("model.embed"))!;
  expect(embedding.groups[0]!.names).toEqual(Array.from({ length: 7 }, (_, n) => `<unused${n}>`));
  expect(report.notes).toEqual([{ file: report.layers[0]!.file, note: expect.stringMatching(/nobody trained/) }]);
  expect(report.depth[0]!.blocks).toEqual([0, 1, 2, 3]);
});

test("as a table: lines of 100 and of 80 characters, names that can be told apart, and answers to what people ask", async () => {
  const { stdout } = await comhe("audit", "--demo");
  expect(stdout).toMatch(/^3 of 25 layers stand out: collapsed-heads in 1, dead in 1, copies in 1\./);
  expect(stdout).toMatch(
    /\nLook first at model\.layers\.3\.self_attn\.q_proj\.weight: block 3, head 1 of 2 \(queries\) has collapsed/,
  );
  expect(stdout).toContain("Heads: 32 in 16 attention matrices; none dead, 1 collapsed.");
  expect(stdout).toContain(
    "In CI: comhe audit --fail-on collapsed-heads,dead,copies ends with exit code 1 where any of these is found.",
  );
  const report = JSON.parse((await comhe("audit", "--demo", "--format", "json")).stdout) as AuditReport;
  for (const width of [100, 80]) {
    const text = printAudit({ ...report, layers: report.layers }, "table", { width });
    const table = text.split("\n").filter((line) => /^[│┌├└]/.test(line));
    expect(table.length).toBe(29);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(width);
    const names = table.slice(3, -1).map((line) => line.split("│")[1]!.trim());
    expect(new Set(names).size, `${width}`).toBe(25);
  }
});

test("gates hold it up; without a file there is a word about it", async () => {
  expect((await comhe("audit", "--demo", "--fail-on", "collapsed-heads")).code).toBe(1);
  expect((await comhe("audit", "--demo", "--fail-on", "nan,dead-heads,crowded")).code).toBe(0);
  const none = await comhe("audit");
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/expected a model's file.*--demo/)]);
  expect((await comhe("audit", "--demo", "other.npy")).code).toBe(2);
});
