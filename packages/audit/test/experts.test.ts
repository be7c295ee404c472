/** Experts of a mixture side by side: energies within and between add up to that of all, an expert that repeats another is named, and so is a dead one. */
import { referenceBackend } from "@comhe/core";
import { expect, test } from "vitest";
import { auditModel, auditSettings } from "../src/index.js";
import { expertPlace } from "../src/units/experts.js";
import { layerOf, modelOf, normal } from "./planted.js";
import { reportSchema } from "./report-schema.js";

const backend = referenceBackend();
const [count, dim] = [24, 12];
const name = (expert: number, part: string) => `model.layers.0.mlp.experts.${expert}.${part}.weight`;

/** Five experts, of which 4 began as 1; 3 is dead in its down projection. */
function mixture() {
  const rows = [0, 1, 2, 3, 4].map((expert) => normal(`expert ${expert}`, count, dim));
  const noise = normal("noise", count, dim);
  rows[4] = Float32Array.from(rows[1]!, (value, n) => value + 0.1 * noise[n]!);
  const down = rows.map((each, expert) => (expert === 3 ? new Float32Array(each.length) : each));
  return {
    rows,
    model: modelOf(
      rows.flatMap((each, e) => [layerOf(name(e, "up_proj"), each, dim), layerOf(name(e, "down_proj"), down[e]!, dim)]),
    ),
  };
}

test.each(["half", "full"] as const)("energies within and between are those of all, in %s space", async (space) => {
  const { rows, model } = mixture();
  const settings = auditSettings({ space }, { budget: null });
  const report = await auditModel(model, { backend, settings });
  expect(() => reportSchema.parse(JSON.parse(JSON.stringify(report)))).not.toThrow();
  const [up, down] = report.mixtures;
  expect(report.mixtures.length).toBe(2);
  expect(up).toMatchObject({
    ...{ name: "model.layers.0.mlp.experts.*.up_proj.weight", role: "up", experts: [0, 1, 2, 3, 4] },
    ...{ neurons: count, sampled: false, dead: [] },
  });
  // By the definition: of all pairs of one expert, and of all pairs at all.
  const ordered = rows.flatMap((each) =>
    Array.from({ length: count }, (_, n) => each.subarray(n * dim, (n + 1) * dim)),
  );
  const unit = ordered.map((row) => row.map((value) => value / Math.hypot(...row)));
  const sums = { within: [0, 0] as [number, number], between: [0, 0] as [number, number] };
  for (let i = 0; i < unit.length; i++) {
    for (let j = 0; j < i; j++) {
      const c = unit[i]!.reduce((sum, value, k) => sum + value * unit[j]![k]!, 0);
      const psi = space === "half" ? (1 / (2 - 2 * c) + 1 / (2 + 2 * c)) / 2 : 1 / (2 - 2 * c);
      const kind = Math.floor(i / count) === Math.floor(j / count) ? sums.within : sums.between;
      kind[0] += psi;
      kind[1]++;
    }
  }
  expect(up!.within).toBeCloseTo(sums.within[0] / sums.within[1], 6);
  expect(up!.between! / (sums.between[0] / sums.between[1])).toBeCloseTo(1, 5);
  expect(up!.random).toBeCloseTo((dim - 2) / (2 * (dim - 3)), 10);
  expect(up!.alike).toMatchObject({ a: 1, b: 4 });
  expect(up!.alike!.cosine).toBeGreaterThan(0.98);
  expect(down!.dead).toEqual([3]);
  expect(down!.alike).toMatchObject({ a: 1, b: 4 });
});

test("a mixture that can't be read again is a note, and the audits of its experts stay", async () => {
  let reads = 0;
  const { model } = mixture();
  const { readPart: _, ...first } = model.layers[0]!;
  const flaky = {
    ...first,
    read: async () => {
      if (reads++ > 0) throw new Error("gone");
      return first.read();
    },
  };
  const report = await auditModel({ ...model, layers: [flaky, ...model.layers.slice(1)] }, { backend });
  expect(report.layers.length).toBe(10);
  expect(report.mixtures.length).toBe(1);
  expect(report.notes.map(({ note }) => note).join()).toContain("experts.*.up_proj.weight weren't compared");
});

test.each([
  ["model.layers.3.block_sparse_moe.experts.7.w1.weight", "model.layers.3.block_sparse_moe.experts.*.w1.weight", 7],
  ["blk.3.ffn_up_exps.weight [expert 12]", "blk.3.ffn_up_exps.weight [expert *]", 12],
  [
    "encoder.block.1.layer.1.mlp.experts.expert_5.wi.weight",
    "encoder.block.1.layer.1.mlp.experts.expert_*.wi.weight",
    5,
  ],
  ["moe.fc1 [expert 3, gate]", "moe.fc1 [expert *, gate]", 3],
  ["model.layers.3.mlp.shared_expert.up_proj.weight", undefined, undefined],
  ["model.layers.3.self_attn.q_proj.weight", undefined, undefined],
] as const)("%s", (layer, expected, expert) => {
  expect(expertPlace(layer)).toEqual(expected && { name: expected, expert });
});
