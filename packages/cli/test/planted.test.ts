/**
 * A planted model as its owner would meet it: files in a folder, one command. Seven copied tokens, three dead neurons, a row of NaN, a collapsed head: each said
 * by name, and nothing else is. The same with names that would do something if anybody let them, in every format.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditReport } from "@comhe/audit";
import { randomStream } from "@comhe/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reportSchema } from "../../audit/test/report-schema.js";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";
import { comheIn } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-planted-"));
afterAll(() => rmSync(folder, { recursive: true }));

const comhe = comheIn(folder);

const [width, size, heads] = [48, 12, 4];
const normal = (name: string, count: number, dim = width) =>
  randomStream(3, name, 0).fillNormal(new Float32Array(count * dim));
const tensor = (name: string, data: Float32Array, dim = width) => ({
  ...{ name, dtype: "F32", shape: [data.length / dim, dim] },
  bytes: new Uint8Array(data.buffer),
});
const copies = [3, 40, 41, 77, 120, 121, 150];
const tokens = Array.from({ length: 160 }, (_, n) => (n === 40 ? '<img src=x>\u001b[31m\u202e=cmd|"' : `tok${n}`));

function planted(prefix: string) {
  const embedding = normal("tokens", 160);
  for (const row of copies) embedding.copyWithin(row * width, 3 * width, 4 * width);
  const query = normal("query", heads * size);
  const line = normal("line", 1);
  for (let row = 2 * size; row < 3 * size; row++)
    for (let k = 0; k < width; k++) query[row * width + k] = line[k]! + 0.3 * query[row * width + k]!;
  const up = normal("up", 96);
  for (const row of [4, 50, 95]) up.fill(0, row * width, (row + 1) * width);
  const down = normal("down", width, 96);
  down.fill(Number.NaN, 17 * 96, 18 * 96);
  return [
    tensor(`${prefix}embed_tokens.weight`, embedding),
    tensor(`${prefix}layers.0.self_attn.q_proj.weight`, normal("sound", heads * size)),
    tensor(`${prefix}layers.1.self_attn.q_proj.weight`, query),
    tensor(`${prefix}layers.1.self_attn.k_proj.weight`, normal("key", heads * size)),
    tensor(`${prefix}layers.1.mlp.up_proj.weight`, up),
    tensor(`${prefix}layers.1.mlp.down_proj.weight`, down, 96),
  ];
}

const hostile = '<b onclick=x>\u001b[2J|`\u202e"=cmd';
beforeAll(() => {
  for (const [name, prefix] of [
    ["sound-names", "model."],
    ["hostile-names", `${hostile}.`],
  ] as const) {
    mkdirSync(join(folder, name));
    write(join(folder, name), "model.safetensors", safetensorsBytes(planted(prefix)));
    writeFileSync(
      join(folder, name, "config.json"),
      JSON.stringify({ num_attention_heads: heads, hidden_size: width }),
    );
    writeFileSync(join(folder, name, "vocab.txt"), `${tokens.join("\n")}\n`);
  }
});

test("each fault is said by name, and nothing else is", async () => {
  const { code, stdout } = await comhe("audit", "sound-names", "--format", "json");
  expect(code).toBe(3);
  const report = reportSchema.parse(JSON.parse(stdout)) as unknown as AuditReport;
  const all = [...report.layers, ...report.failed.flatMap(({ rest }) => (rest ? [rest] : []))];
  expect(all.flatMap(({ layer, findings }) => findings.map(({ rule, count }) => [layer, rule, count])).sort()).toEqual([
    ["model.embed_tokens.weight", "copies", 6],
    ["model.layers.1.mlp.down_proj.weight", "nan", 1],
    ["model.layers.1.mlp.up_proj.weight", "dead", 3],
    ["model.layers.1.self_attn.q_proj.weight", "collapsed-heads", 1],
  ]);
  const table = await comhe("audit", "sound-names");
  expect(table.stdout).toMatch(/^4 of 6 layers stand out: nan in 1, collapsed-heads in 1, dead in 1, copies in 1\./);
  expect(table.stdout).toContain("block 1, head 2 of 4 (queries) has collapsed");
  expect(table.stdout).toContain("3 neurons are dead (row 4, row 50, row 95)");
  expect(table.stdout).toMatch(/1 row holds NaN \(row 17\)/);
  expect(table.stdout).toMatch(/in 1 group, the largest of 7 \("tok3", "<img src=x>.*", "tok41", "tok77"/);
  expect((await comhe("audit", "sound-names", "--fail-on", "nan,copies>6")).code).toBe(1);
});

test("--heads tells what no file does, those of keys under grouped queries too", async () => {
  write(folder, "untold.safetensors", safetensorsBytes(planted("model.").slice(2, 4)));
  const untold = await comhe("audit", "untold.safetensors");
  expect(untold.stdout).toContain("heads");
  expect(untold.stdout).not.toContain("collapsed");
  const { stdout } = await comhe("audit", "untold.safetensors", "--heads", "4:2", "--format", "json");
  const { layers } = reportSchema.parse(JSON.parse(stdout)) as unknown as AuditReport;
  const found = layers.map(({ layer, units, findings }) => [
    ...[/(\w)_proj/.exec(layer)![1], units?.count, units?.size, units?.queries],
    findings.map(({ rule, count }) => `${rule}:${count}`).join(),
  ]);
  expect(found.sort()).toEqual([
    ["k", 2, 24, 2, ""],
    ["q", 4, 12, 1, "collapsed-heads:1"],
  ]);
  for (const wrong of ["4:3", "0", "2:4", "four"]) {
    const { code, stderr } = await comhe("audit", "untold.safetensors", "--heads", wrong);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`got "${wrong}"`)]);
  }
});

test("names do nothing, whatever they are: terminal, page, CSV, Markdown, JSON, exports", async () => {
  const outputs = await Promise.all(
    [
      ["--all", "--wide"],
      ["--format", "md", "--all"],
      ["--format", "csv"],
      ["--format", "json"],
    ].map((more, n) =>
      comhe("audit", "hostile-names", ...more, "--html", `page${n}.html`, "--export", `groups${n}.json`, "--progress"),
    ),
  );
  const acting = /[^\P{Cc}\n]|\p{Cf}/u;
  for (const { stdout, stderr } of outputs) {
    expect(stdout).not.toMatch(acting);
    expect(stderr).not.toMatch(acting);
    expect(stdout).toContain("q_proj");
  }
  const [, md, csv, json] = outputs.map(({ stdout }) => stdout);
  expect(md).not.toMatch(/<b|<img/);
  expect(csv).not.toMatch(/(^|,)"?[=@]/m);
  const { layers } = JSON.parse(json!) as AuditReport;
  expect(layers.some(({ layer }) => layer === `${hostile}.embed_tokens.weight`)).toBe(true);
  expect(layers.flatMap(({ groups }) => groups)[0]!.names![1]).toBe(tokens[40]);
  const page = readFileSync(join(folder, "page0.html"), "utf8");
  expect(page).not.toMatch(/<b onclick|<img|\u202e/);
  expect(page).not.toMatch(/[^\P{Cc}\n]/u);
  expect(page).toContain("From block to block");
  const groups = readFileSync(join(folder, "groups0.json"), "utf8");
  expect(groups).not.toMatch(acting);
  expect(JSON.parse(groups).layers[0].groups[0].names[1]).toBe(tokens[40]);
});
