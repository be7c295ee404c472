/** The command as users run it: exit codes, formats, gate, resume, and what goes where. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npyBytes, safetensorsBytes, write } from "../../models/test/weights-files.js";
import { comheIn, type Outcome } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const comhe = comheIn(folder);

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer);
beforeAll(() => {
  const random = randomStream(1, "random", 0).fillNormal(new Float32Array(64 * 48));
  const redundant = random.slice();
  for (let row = 1; row < 16; row++) redundant.copyWithin(row * 48, 0, 48);
  const orthogonal = new Float32Array(16 * 48);
  for (let row = 0; row < 16; row++) orthogonal[row * 48 + 2 * row] = 1 + row;
  const broken = random.slice();
  broken[48 * 3 + 2] = Number.NaN;
  const tensors = [
    { name: "random.weight", dtype: "F32", shape: [64, 48], bytes: bytesOf(random) },
    { name: "redundant.weight", dtype: "F32", shape: [64, 48], bytes: bytesOf(redundant) },
    { name: "orthogonal.weight", dtype: "F32", shape: [16, 48], bytes: bytesOf(orthogonal) },
    { name: "random.bias", dtype: "F32", shape: [4], bytes: new Uint8Array(16) },
  ];
  write(folder, "model.safetensors", safetensorsBytes(tensors));
  write(
    folder,
    "better.safetensors",
    safetensorsBytes(tensors.map((t) => (t.name === "redundant.weight" ? { ...t, bytes: bytesOf(random) } : t))),
  );
  write(
    folder,
    "nan.safetensors",
    safetensorsBytes([...tensors, { name: "nan.weight", dtype: "F32", shape: [64, 48], bytes: bytesOf(broken) }]),
  );
});

interface Printed {
  layers: { layer: string; score: number; scoreSpread: number; duplicates: number; effectiveRank: number }[];
  failed: { layer: string; problem: string }[];
  skipped: { name: string; reason: string }[];
}

describe("comhe audit", () => {
  test("scores: random 1 within its spread, orthogonal 0, redundant the worst and first", async () => {
    const { code, stdout } = await comhe("audit", "model.safetensors", "--format", "json");
    expect(code).toBe(0);
    const { layers, skipped } = JSON.parse(stdout) as Printed;
    expect(layers.map(({ layer }) => layer)).toEqual(["redundant.weight", "random.weight", "orthogonal.weight"]);
    const [redundant, random, orthogonal] = layers as [
      Printed["layers"][0],
      Printed["layers"][0],
      Printed["layers"][0],
    ];
    expect(redundant.score).toBeGreaterThan(10);
    expect(redundant.duplicates).toBe(15);
    expect(Math.abs(random.score - 1)).toBeLessThan(4 * random.scoreSpread);
    expect(orthogonal.score).toBeCloseTo(0, 3);
    expect(orthogonal.effectiveRank).toBeCloseTo(16, 3);
    expect(skipped).toMatchObject([{ name: "random.bias" }]);
  });

  test("formats: table, Markdown, CSV, and a page", async () => {
    const table = await comhe("audit", "model.safetensors", "--html", "report.html");
    expect(table.stdout).toMatch(/redundant\.weight .*│/);
    expect(table.stderr).toBe("");
    const told = await comhe("audit", "model.safetensors", "--progress");
    expect(told.stdout).toBe(table.stdout);
    expect(told.stderr).toMatch(/^Reading model\.safetensors: 3 layers.*\n(.*\n)*\[3\/3\]/);
    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).toContain("redundant.weight");
    for (const heading of ["Where each layer stands", "Angles between neurons", "Cosines in redundant.weight"])
      expect(page).toContain(heading);
    expect(page).not.toMatch(/(src|href)="?https?:/);
    const markdown = await comhe("audit", "model.safetensors", "--format", "md", "--layer", "rand*");
    expect(markdown.stdout.split("\n")[2]).toMatch(/^\| random\.weight \|/);
    const csv = await comhe("audit", "model.safetensors", "--format", "csv");
    expect(csv.stdout.trim().split("\n").length).toBe(4);
  });

  test("exit codes: 0, 1 above the gate, 2 usage, 3 bad input", async () => {
    expect((await comhe("audit", "model.safetensors", "--fail-above", "1000000")).code).toBe(0);
    const gate = await comhe("audit", "model.safetensors", "--fail-above", "5");
    expect(gate.code).toBe(1);
    expect(gate.stderr).toContain("redundant.weight");
    const wrong = [
      ["audit"],
      ["audit", "model.safetensors", "--nonsense"],
      ["audit", "model.safetensors", "--budget", "soon"],
      ["audit", "model.safetensors", "--layer", "nothing*"],
      ["audit", "model.safetensors", "--spec", "absent.json"],
      ["audit", "model.safetensors", "--backend", "abacus"],
      ["audit", "model.safetensors", "--pairs", "1.5"],
      ["audit", "model.safetensors", "--fail-above", "high"],
      ["audit", "model.safetensors", "--resume", "/dev/full"],
      ["audit", "model.safetensors", "--resume", "."],
      ["audit", "model.safetensors", "--html", "/dev/full"],
      ["audit", "model.safetensors", "--html", "."],
      ["audit", "model.safetensors", "--html", "nowhere/report.html"],
      ["audit", "model.safetensors", "--layout", "nothing*=neurons-last"],
      ["audit", "model.safetensors", "--resume", "better.safetensors"],
      ["sing"],
    ];
    const codes = await Promise.all(wrong.map(async (args) => (await comhe(...args)).code));
    expect(codes.map((code, n) => [wrong[n], code])).toEqual(wrong.map((args) => [args, 2]));
    const layout = await comhe("audit", "model.safetensors", "--layout", "nothing*=neurons-last");
    expect(layout.stderr).toMatch(
      /--layout nothing\*=neurons-last: no layer matches\. The layers: .*redundant\.weight/,
    );
    writeFileSync(join(folder, "typo.json"), '{ "space": "halb" }');
    for (const text of ["5", '"half"', "[]", "null"]) {
      writeFileSync(join(folder, "no-object.json"), text);
      const wrong = await comhe("audit", "model.safetensors", "--spec", "no-object.json");
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        expect.stringMatching(/no-object\.json: expected an object such as/),
      ]);
    }
    const typo = await comhe("audit", "model.safetensors", "--spec", "typo.json");
    expect(typo.stderr).toMatch(/--spec typo\.json: space: expected one of "full"\|"half", got "halb"/);
    const absent = await comhe("audit", "absent.onnx");
    expect(absent.code).toBe(3);
    expect(absent.stderr).toMatch(/absent\.onnx: can't be read/);
    expect(absent.stderr).not.toContain("    at ");
  });

  test("NaN weights are named and counted, and the other layers audited", async () => {
    const { code, stdout } = await comhe("audit", "nan.safetensors", "--format", "json");
    expect(code).toBe(3);
    const { layers, failed } = JSON.parse(stdout) as Printed;
    expect(layers.length).toBe(3);
    expect(failed).toMatchObject([
      { layer: "nan.weight", problem: expect.stringMatching(/1 of its 3072 numbers.*neuron 3, entry 2/) },
    ]);
  });

  test("--resume leaves a file alone that is another", async () => {
    const before = readFileSync(join(folder, "better.safetensors"));
    const { stderr } = await comhe("audit", "model.safetensors", "--resume", "better.safetensors");
    expect(stderr).toMatch(/--resume better\.safetensors: expected a side file/);
    expect(readFileSync(join(folder, "better.safetensors")).equals(before)).toBe(true);
  });

  test("a file without neurons gives no empty table, and the reason", async () => {
    writeFileSync(join(folder, "vector.npy"), npyBytes([5], bytesOf(Float32Array.of(1, 2, 3, 4, 5))));
    const { code, stdout } = await comhe("audit", "vector.npy");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^No layer was audited\.\n1 tensor without neurons was left out:\n {2}array: /);
  });

  test("--resume forgets what was audited of other numbers: of a shard behind the same index, of a file with the same time", async () => {
    const shard = (seed: number) =>
      safetensorsBytes([
        {
          ...{ name: "w.weight", dtype: "F32", shape: [20, 8] },
          bytes: bytesOf(randomStream(seed, "shard", 0).fillNormal(new Float32Array(160))),
        },
      ]);
    const name = "s-00001-of-00001.safetensors";
    write(folder, "s.safetensors.index.json", Buffer.from(JSON.stringify({ weight_map: { "w.weight": name } })));
    const energies = async () => {
      utimesSync(join(folder, name), 1e9, 1e9);
      const args = ["audit", "s.safetensors.index.json", name, "--format", "json", "--resume", "shard.jsonl"];
      const { stdout } = await comhe(...args);
      return (JSON.parse(stdout) as { layers: { energyHalf: number }[] }).layers.map((layer) => layer.energyHalf);
    };
    write(folder, name, shard(1));
    const first = await energies();
    expect(first[0]).toBe(first[1]);
    write(folder, name, shard(2));
    const second = await energies();
    expect(second[0]).toBe(second[1]);
    expect(second[0]).not.toBe(first[0]);
  });

  test("--resume goes on from what is there, and drops a line cut short", async () => {
    const first = await comhe("audit", "model.safetensors", "--format", "json", "--resume", "side.jsonl");
    const lines = readFileSync(join(folder, "side.jsonl"), "utf8").split("\n");
    expect(lines.length).toBe(4);
    // A marked result shows that it was taken, the cut one that it was made again.
    writeFileSync(
      join(folder, "side.jsonl"),
      `${lines[0]!.replace(/"dead":0/, '"dead":77')}\n${lines[1]!.slice(0, 50)}`,
    );
    const second = await comhe("audit", "model.safetensors", "--format", "json", "--resume", "side.jsonl");
    const dead = (JSON.parse(second.stdout) as { layers: { dead: number }[] }).layers.map((layer) => layer.dead);
    expect(dead.filter((count) => count === 77).length).toBe(1);
    expect((JSON.parse(first.stdout) as Printed).layers.length).toBe(3);
  });
});

test("--backend: every backend that is installed gives the reference's energies", async () => {
  const audits = await Promise.all(
    ["reference", "auto", "wasm", "onnx", "tfjs"].map((backend) =>
      comhe("audit", "model.safetensors", "--format", "json", "--backend", backend),
    ),
  );
  type Energies = { layer: string; energyFull: number; energyHalf: number; projected: number; score: number };
  const layersOf = ({ stdout }: Outcome) => (JSON.parse(stdout) as { layers: Energies[] }).layers;
  const expected = layersOf(audits[0]!);
  for (const audit of audits) {
    if (audit.code === 2) {
      expect(audit.stderr).toMatch(/can't be loaded.*npm install/);
      console.log(`skipped: ${audit.stderr.trim()}`);
      continue;
    }
    for (const [n, layer] of layersOf(audit).entries()) {
      for (const key of ["energyFull", "energyHalf", "projected"] as const) {
        expect(Math.abs(layer[key] / expected[n]![key] - 1), `${layer.layer} ${key}`).toBeLessThan(2e-5);
      }
    }
  }
  expect(audits.slice(0, 3).map(({ code }) => code)).toEqual([0, 0, 0]);
});

test("comhe compare matches layers and says what changed", async () => {
  const { code, stdout } = await comhe(
    "compare",
    "model.safetensors",
    "better.safetensors",
    "--format",
    "json",
    "--html",
    "compare.html",
  );
  expect(code).toBe(0);
  const { matched } = JSON.parse(stdout) as {
    matched: { before: Printed["layers"][0]; after: Printed["layers"][0] }[];
  };
  expect(matched.length).toBe(3);
  const changed = matched.find(({ before }) => before.layer === "redundant.weight")!;
  expect(changed.after.score).toBeLessThan(changed.before.score / 5);
  expect(readFileSync(join(folder, "compare.html"), "utf8")).toContain("Scores of layers before and after");
});

test("comhe init writes a config that comhe audit takes; comhe schema prints its schema", async () => {
  expect((await comhe("init", "config.json")).code).toBe(0);
  expect((await comhe("init", "config.json")).code).toBe(2);
  expect((await comhe("audit", "model.safetensors", "--spec", "config.json")).code).toBe(0);
  const { properties } = JSON.parse((await comhe("schema")).stdout) as { properties: object };
  expect(Object.keys(properties)).toContain("potential");
});

test("comhe doctor finds backends that compute the known answer", { timeout: 120_000 }, async () => {
  const { code, stdout } = await comhe("doctor", "--json");
  expect(code).toBe(0);
  interface Found {
    readonly backend: string;
    readonly works: boolean;
    readonly build: string | null;
    readonly isa: string | null;
    readonly peak: number | null;
    readonly problem: string | null;
    readonly threads: number | null;
    readonly processor: { readonly model: string; readonly flags: readonly string[] | null };
  }
  const findings = JSON.parse(stdout) as Found[];
  expect(findings.map(({ backend }) => backend)).toEqual(["native", "wasm", "onnx", "tfjs", "reference"]);
  expect(findings.filter(({ works }) => works).map(({ backend }) => backend)).toEqual(
    expect.arrayContaining(["wasm", "reference"]),
  );
  const { build, threads, processor } = findings.find(({ backend }) => backend === "wasm")!;
  expect(["baseline", "relaxed"]).toContain(build);
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(processor.model).not.toBe("");
  // Where the build had a compiler native works, and says by which instructions; else why not.
  const native = findings.find(({ backend }) => backend === "native")!;
  if (native.works)
    expect([native.isa, native.peak! > 0]).toEqual([expect.stringMatching(/^(sse2|avx2|avx512|neon)$/), true]);
  else expect(native.problem).toContain("@comhe/native");
  const { stdout: report } = await comhe("doctor");
  expect(report).toMatch(/--backend auto takes (native|wasm)\./);
  if (native.works)
    for (const line of [
      `native, ${native.isa}, \\d+ threads?, [\\d.]+ % of the peak`,
      "wasm, .*[\\d.]+ % of the peak",
      "Its peak by",
    ])
      expect(report).toMatch(new RegExp(line));
  expect(report).toContain(`works (wasm, ${build} build, ${threads} thread`);
  expect(report).toContain(`${processor.model}, `);
  for (const flag of processor.flags ?? []) expect(report).toContain(flag);
  expect(report).toContain(`Node ${process.versions.node}`);
});
