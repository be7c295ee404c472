/** Values and gradients of an independent oracle (test/golden/README.md), in float64 at 1e-9. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expectClose, expectCloseNumber } from "../../test/support/compare.js";
import type { Objective, Space } from "../config/types.js";
import { hostObjective } from "./host-objective.js";

interface GoldenCase {
  readonly id: string;
  readonly fn: string;
  readonly params: { readonly space?: Space; readonly distance?: string; readonly iterations?: number } & Readonly<
    Record<string, unknown>
  >;
  readonly inputs: { readonly W: { shape: [number, number]; data: number[] }; readonly u0?: { data: number[] } };
  readonly expected: { readonly exact: { energy: number; grad: { W: { data: number[] } } } };
}

const file = new URL("../../../../test/golden/golden.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };

const objectives: Readonly<Record<string, (params: GoldenCase["params"]) => Objective>> = {
  so_rows: () => ({ kind: "orthogonality", side: "rows" }),
  so_cols: () => ({ kind: "orthogonality", side: "columns" }),
  dso: () => ({ kind: "orthogonality", side: "double" }),
  mc_max: () => ({ kind: "coherence", norm: "max" }),
  mc_rowsum: () => ({ kind: "coherence", norm: "row-sum" }),
  coherence: () => ({ kind: "coherence", norm: "cosine" }),
  srip: ({ iterations = 0 }) => ({ ...isometry, estimate: "power", iterations }),
  srip_exact: () => ({ ...isometry, estimate: "exact", iterations: 1 }),
  mhs: ({ distance }) => ({ kind: "maximum-separation", distance: distance === "angular" ? "angular" : "chordal" }),
  mgd: ({ gamma }) => ({ kind: "gram-determinant", gamma: gamma as number, ridge: 0 }),
  uniformity: ({ t }) => ({ kind: "uniformity", t: t as number }),
};
/** The file holds σ, not σ². */
const isometry = { kind: "restricted-isometry", side: "rows", squared: false } as const;

const covered = cases.filter(({ fn }) => fn in objectives).map((golden) => [golden.id, golden] as const);

describe("objectives", () => {
  it("has a case of every kind", () => {
    expect(new Set(covered.map(([, { fn }]) => fn)).size).toBe(Object.keys(objectives).length);
    expect(covered.length).toBe(15);
  });

  it.each(covered)("%s", (_, { fn, params, inputs, expected }) => {
    const { value, gradient } = hostObjective(Float64Array.from(inputs.W.data), [1, ...inputs.W.shape], {
      objective: objectives[fn](params),
      space: params.space ?? "full",
      separationFloor: 0,
      normEpsilon: 0,
      start: () => inputs.u0?.data ?? [],
    });
    const { energy, grad } = expected.exact;
    expectCloseNumber(value[0], energy, { relative: 1e-9 }, "value");
    expectClose(gradient, grad.W.data, { relative: 1e-9 }, "gradient");
  });
});
