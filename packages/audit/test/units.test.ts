/** Heads that are dead or collapsed are named, by block and number, and no others; energies within and between add up to the layer's; depth by role. */
import { energyAndGradient, referenceBackend } from "@comhe/core";
import type { HeadDivision } from "@comhe/models";
import { describe, expect, test } from "vitest";
import { auditModel, auditSettings, depthOf, judge, layerSentence, parseGates, placeInNetwork } from "../src/index.js";
import { layerOf, modelOf, normal } from "./planted.js";
import { reportSchema } from "./report-schema.js";

const backend = referenceBackend();
const settings = auditSettings({ space: "half" }, { budget: null });
const division = (count: number, size: number, more: Partial<HeadDivision> = {}): HeadDivision => ({
  ...{ count, size, along: "neurons", queries: 1, source: "config.json" },
  ...more,
});

const [heads, size, dim] = [6, 16, 48];
const name = (block: number, part: string) => `model.layers.${block}.self_attn.${part}_proj.weight`;

/** Vectors `from` … `from + size` all near one plane. */
function collapse(rows: Float32Array, from: number, width: number): void {
  const plane = normal("plane", 2, width);
  const weights = normal("weights", size, 2);
  const noise = normal("noise", size, width);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < width; k++) {
      rows[(from + row) * width + k] =
        weights[2 * row]! * plane[k]! + weights[2 * row + 1]! * plane[width + k]! + 0.05 * noise[row * width + k]!;
    }
  }
}

function turned(rows: Float32Array, count: number): Float32Array {
  const width = rows.length / count;
  return Float32Array.from(rows, (_, n) => rows[(n % count) * width + Math.floor(n / count)]!);
}

/** Four blocks; in block 3 head 5 of the queries is collapsed, in block 1 head 2 of the keys dead, in block 2 head 0 writes along a plane. */
function network() {
  return modelOf(
    [0, 1, 2, 3].flatMap((block) =>
      ["q", "k", "v", "o"].map((part) => {
        const rows = normal(name(block, part), heads * size, dim);
        if (block === 3 && part === "q") collapse(rows, 5 * size, dim);
        if (block === 1 && part === "k") rows.fill(0, 2 * size * dim, 3 * size * dim);
        if (part !== "o") return layerOf(name(block, part), rows, dim, { heads: division(heads, size) });
        if (block === 2) collapse(rows, 0, dim);
        return layerOf(name(block, "o"), turned(rows, heads * size), heads * size, {
          heads: division(heads, size, { along: "inputs" }),
        });
      }),
    ),
  );
}

const report = await auditModel(network(), { backend, settings });
const layer = (block: number, part: string) => report.layers.find((found) => found.layer === name(block, part))!;

describe("a network with heads", () => {
  test("has exactly the findings that were planted, by name", () => {
    const found = report.layers.flatMap(({ layer: own, findings }) =>
      findings.map(({ rule, count }) => [own, rule, count]),
    );
    expect(found.sort()).toEqual([
      [name(1, "k"), "dead", 16],
      [name(1, "k"), "dead-heads", 1],
      [name(2, "o"), "collapsed-heads", 1],
      [name(3, "q"), "collapsed-heads", 1],
    ]);
    expect(layerSentence(layer(3, "q"))).toMatch(
      /^block 3, head 5 of 6 \(queries\) has collapsed to \d\.\d effective dimensions, where random directions have 12\.2$/,
    );
    expect(layerSentence(layer(1, "k"))).toMatch(
      /^block 1, head 2 of 6 \(keys\) is dead; 16 neurons are dead \(row 32, /,
    );
    expect(layerSentence(layer(2, "o"))).toMatch(/^block 2, head 0 of 6 \(output\) has collapsed to \d\.\d/);
    expect(report.verdicts[0]!.lines[0]).toBe(
      "3 of 16 layers stand out: dead-heads in 1, collapsed-heads in 2, dead in 1.",
    );
    expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
  });

  test("can be held to gates", () => {
    const gates = parseGates("dead-heads,collapsed-heads>0,collapsed-heads>1");
    if ("problem" in gates) throw new Error(gates.problem);
    expect(judge(report, gates).failures.map(({ gate, layer: own }) => [gate.text, own])).toEqual([
      ["dead-heads", name(1, "k")],
      ["collapsed-heads>0", expect.stringMatching(/[32]/)],
      ["collapsed-heads>0", expect.stringMatching(/[32]/)],
    ]);
  });

  test("energies of heads are those of their rows alone, and pairs within and between are all pairs", async () => {
    const { units, energyHalf } = layer(0, "v");
    const rows = normal(name(0, "v"), heads * size, dim);
    const one = { data: rows.slice(2 * size * dim, 3 * size * dim), shape: [size, dim] };
    const wanted = await energyAndGradient(backend, settings.spec, one);
    expect(units!.heads[2]!.energy!).toBeCloseTo(wanted.energy, 6);
    const n = heads * size;
    const [within, all] = [(heads * size * (size - 1)) / 2, (n * (n - 1)) / 2];
    // In half space 2·(2·mean) for each pair, and φ(−1) = 1/4 for each neuron, over N(2N − 1).
    const sum = units!.within! * within + units!.between! * (all - within);
    expect((4 * sum + n / 4) / (n * (2 * n - 1))).toBeCloseTo(energyHalf, 6);
    const { within: alike, between: apart } = layer(3, "q").units!;
    expect(alike!).toBeGreaterThan(1.05 * apart!);
  });

  test("by depth: a point for each layer, in the order of blocks, and what is lost where", () => {
    expect(report.depth.map(({ stack, blocks }) => [stack, blocks])).toEqual([["model.layers", [0, 1, 2, 3]]]);
    const [{ series }] = report.depth as [(typeof report.depth)[0]];
    expect(series.map(({ role, points }) => [role, points.map(({ lostHeads }) => lostHeads)])).toEqual([
      ["query", [0, 0, 0, 1]],
      ["key", [0, 1, 0, 0]],
      ["value", [0, 0, 0, 0]],
      ["output", [0, 0, 1, 0]],
    ]);
    expect(series[1]!.points[1]!.deadShare).toBeCloseTo(1 / 6, 9);
    expect(series[2]!.points.every(({ rankShare }) => rankShare > 0.9 && rankShare < 1.1)).toBe(true);
  });
});

test("where nothing says how wide a head is, it is said and nothing is guessed", async () => {
  const found = await auditModel(
    modelOf([
      layerOf(name(0, "q"), normal("q", 96, 48), 48),
      layerOf("blk.0.attn_k.weight", normal("k", 96, 48), 48, { role: "key" }),
      layerOf("mlp.up.weight", normal("up", 30, 48), 48),
    ]),
    { backend, settings },
  );
  expect(found.layers.every(({ units }) => units === null)).toBe(true);
  expect(found.notes).toEqual([
    { file: "memory.safetensors", note: expect.stringMatching(/^the heads of 2 attention matrices weren't looked at/) },
  ]);
});

test("a head with rows that aren't finite is neither dead nor collapsed for them", async () => {
  const rows = normal("broken", 32, 24);
  for (let row = 0; row < 16; row++) rows[row * 24] = Number.NaN;
  const model = modelOf([layerOf("layers.0.attn.q_proj.weight", rows, 24, { heads: division(2, 16) })]);
  const { failed } = await auditModel(model, { backend, settings });
  expect(failed[0]!.rest!.findings.map(({ rule }) => rule)).toEqual(["nan"]);
});

test.each([
  ["model.layers.11.mlp.down_proj.weight", "model.layers", 11, "down"],
  ["blk.3.attn_q.weight", "blk", 3, "query"],
  ["bert.encoder.layer.7.attention.self.key.weight", "bert.encoder.layer", 7, "key"],
  ["bert.encoder.layer.7.attention.output.dense.weight", "bert.encoder.layer", 7, "output"],
  ["bert.encoder.layer.7.intermediate.dense.weight", "bert.encoder.layer", 7, "up"],
  ["bert.encoder.layer.7.output.dense.weight", "bert.encoder.layer", 7, "down"],
  ["transformer.h.0.mlp.c_proj.weight", "transformer.h", 0, "down"],
  ["h.5.attn.c_attn.weight [query]", "h", 5, "attn.c_attn"],
  ["encoder.block.2.layer.0.SelfAttention.q.weight", "encoder.block", 2, "query"],
  ["Transformer/encoderblock_4/MlpBlock_3/Dense_0/kernel", "Transformer/encoderblock", 4, "MlpBlock_3.Dense_0"],
] as const)("%s is in block %s", (layerName, stack, block, role) => {
  expect(placeInNetwork({ layer: layerName, role: null, readBy: null })).toEqual({ stack, block, role });
});

test("of an ONNX model the node that reads a layer places it; other names have no place", () => {
  const readBy = 'MatMul "/encoder/layer.1/attention/self/value/MatMul"';
  expect(placeInNetwork({ layer: "onnx::MatMul_9", role: null, readBy })).toEqual({
    ...{ stack: "encoder/layer", block: 1, role: "value" },
  });
  for (const layerName of ["layer1.0.conv1.weight", "features.3.weight", "conv2d_4/kernel", "dense"])
    expect(placeInNetwork({ layer: layerName, role: null, readBy: null })).toBeUndefined();
  expect(depthOf([])).toEqual([]);
});
