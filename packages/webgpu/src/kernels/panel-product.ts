/**
 * K X, from a panel of K: the panel times the rows of its columns, for the rows of the panel; its transpose times the rows of the panel, for
 * the columns beyond. So a tile above the diagonal serves both of its sides. Tagged slopes count as 0 (see `pair-tile.ts`).
 */
import type { Kernel } from "../device/kernel.js";
import {
  accumulator,
  accumulatorsText,
  type Blocking,
  placeText,
  productDeclarations,
  productText,
  quadText,
  threadsOf,
} from "./blocking.js";

const parameters = {
  /** N, d, and quads of a padded row and of all padded rows. */
  count: "u32",
  dim: "u32",
  quads: "u32",
  batch_quads: "u32",
  first_entry: "u32",
  /** The first row that the panel's slopes are multiplied with, and the first of the result. */
  first_inner: "u32",
  first_result: "u32",
  /** Rows of the panel, padded; quads of one. */
  panel_rows: "u32",
  panel_quads: "u32",
  /** Where the numbers of the result's first row are in the panel: that many rows or columns behind its first. */
  skip: "u32",
  /** Quads along the inner axis. */
  inner: "u32",
  /** 1: adds to what is there. */
  adds: "u32",
} as const;

export type PanelProductParameters = Record<keyof typeof parameters, number>;

export function panelProductKernel(blocking: Blocking, transposed: boolean) {
  const { side, per } = blocking;
  const groups = [...Array(per / 4).keys()];
  const slopes = transposed
    ? {
        block: `mat4x4f(${[0, 1, 2, 3]
          .map(
            (q) =>
              `untagged(panel[panel_start + (4u * (slab + k4) + ${q}u) * p.panel_quads + p.skip / 4u + group.y * ${side / 4}u + m4])`,
          )
          .join(", ")})`,
        contiguous: "side" as const,
      }
    : {
        block: `transpose(mat4x4f(${[0, 1, 2, 3]
          .map(
            (r) =>
              `untagged(panel[panel_start + (p.skip + group.y * ${side}u + 4u * m4 + ${r}u) * p.panel_quads + slab + k4])`,
          )
          .join(", ")}))`,
        contiguous: "inner" as const,
      };
  const rows = {
    block: `mat4x4f(${[0, 1, 2, 3].map((q) => `row_quad(rows_start + (4u * (slab + k4) + ${q}u) * p.quads, group.x * ${side / 4}u + m4)`).join(", ")})`,
    contiguous: "side" as const,
  };
  const store = groups.flatMap((i) =>
    [0, 1, 2, 3].flatMap((r) =>
      groups.map(
        (j) =>
          `store(entry, p.first_result + group.y * ${side}u + 4u * (${quadText("ty", i, blocking)}) + ${r}u, group.x * ${side}u + 4u * (${quadText("tx", j, blocking)}), ${accumulator(4 * i + r, j)});`,
      ),
    ),
  );
  return {
    name: `panel product ${transposed} ${side}/${per}`,
    parameters,
    arrays: { panel: { type: "vec4u" }, x: { type: "vec4f" }, result: { type: "f32", writes: true } },
    threads: threadsOf(blocking),
    declarations: () => `${productDeclarations(blocking)}
fn untagged(bits: vec4u) -> vec4f {
  return select(bitcast<vec4f>(bits), vec4f(0.0), (bits & vec4u(1u)) == vec4u(1u));
}
fn row_quad(start: u32, quad: u32) -> vec4f {
  if (quad < p.quads) { return x[start + quad]; }
  return vec4f(0.0);
}
fn store(entry: u32, row: u32, column: u32, sums: vec4f) {
  if (row >= p.count) { return; }
  let at = (entry * p.count + row) * p.dim + column;
  // Written out, and nothing read where there is nothing to add to: software takes a component by a variable index for four.
  ${["x", "y", "z", "w"]
    .map(
      (part, n) => `if (column + ${n}u < p.dim) {
    if (p.adds == 1u) { result[at + ${n}u] += sums.${part}; } else { result[at + ${n}u] = sums.${part}; }
  }`,
    )
    .join("\n  ")}
}`,
    body: () => `let entry = p.first_entry + group.z;
  let panel_start = group.z * p.panel_rows * p.panel_quads;
  let rows_start = entry * p.batch_quads + p.first_inner * p.quads;
  ${placeText(blocking)}
  ${accumulatorsText(blocking)}
  ${productText(blocking, slopes, rows, "p.inner")}
  ${store.join("\n  ")}`,
  } as const satisfies Kernel;
}
