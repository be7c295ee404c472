/**
 * What tagged slopes of a panel add to K X: κ(x_j ∓ x_i), from differences that keep their digits (see `pair-tile.ts`). Rows without a near
 * pair, nearly all of them, cost a look at their mark. Pairs are added in the order of their columns, so that bits don't depend on chance.
 */
import type { Kernel } from "../device/kernel.js";

const parameters = {
  count: "u32",
  dim: "u32",
  quads: "u32",
  batch_quads: "u32",
  first_entry: "u32",
  /** The panel's first row and column. */
  first: "u32",
  panel_rows: "u32",
  panel_quads: "u32",
  /** The first row of the result behind `first`, and how many there are. */
  skip: "u32",
  rows: "u32",
  /** How many others each may be near to. */
  others: "u32",
} as const;

export type NearRowsParameters = Record<keyof typeof parameters, number>;

/** Rows that a workgroup looks at. */
export const rowsPerGroup = 16;
const threads = 64;

export function nearRowsKernel(transposed: boolean) {
  const [row, column] = transposed ? ["other", "p.skip + n"] : ["p.skip + n", "other"];
  return {
    name: `near rows ${transposed}`,
    parameters,
    arrays: {
      panel: { type: "u32" },
      x: { type: "f32" },
      near_rows: { type: "u32" },
      result: { type: "f32", writes: true },
    },
    threads,
    declarations: () => `var<workgroup> slopes: array<u32, ${threads}>;`,
    body: () => `let entry = p.first_entry + group.z;
  let panel_start = group.z * p.panel_rows * 4u * p.panel_quads;
  for (var m = 0u; m < ${rowsPerGroup}u; m++) {
    let n = group.x * ${rowsPerGroup}u + m;
    let i = p.first + p.skip + n;
    if (n >= p.rows || i >= p.count) { break; }
    if (near_rows[entry * p.count + i] == 0u) { continue; }
    let own = 4u * (entry * p.batch_quads + i * p.quads);
    let sum = (entry * p.count + i) * p.dim;
    for (var start = 0u; start < p.others; start += ${threads}u) {
      let other = start + t;
      var bits = 0u;
      if (other < p.others) { bits = panel[panel_start + (${row}) * 4u * p.panel_quads + (${column})]; }
      slopes[t] = select(0u, bits, (bits & 1u) == 1u);
      workgroupBarrier();
      for (var k = 0u; k < ${threads}u; k++) {
        let tagged = slopes[k];
        if (tagged == 0u) { continue; }
        let slope = bitcast<f32>(tagged & 0xfffffffcu);
        let sign = select(1.0, -1.0, (tagged & 2u) == 2u);
        let theirs = 4u * (entry * p.batch_quads + (p.first + start + k) * p.quads);
        for (var e = t; e < p.dim; e += ${threads}u) {
          result[sum + e] += slope * (x[theirs + e] - sign * x[own + e]);
        }
      }
      workgroupBarrier();
    }
  }`,
  } as const satisfies Kernel;
}
