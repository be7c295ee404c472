/**
 * What tagged slopes of a panel add to K X: κ(x_j ∓ x_i), from differences that keep their digits (see `pair-tile.ts`). Rows without a near
 * pair, nearly all of them, cost a look at their mark. The others are gone through in spans of columns, whose tagged ones are marked in masks of 32 bits:
 * where few are near, as in a row of few dimensions among ten thousand, what is between them costs a load. Pairs are added in the order of their
 * columns, so that bits don't depend on chance.
 */
import type { Kernel } from "../device/kernel.js";

const parameters = {
  count: "u32",
  dim: "u32",
  quads: "u32",
  batch_quads: "u32",
  first_entry: "u32",
  /** The first row that others are near to, and the first of the result. */
  first_inner: "u32",
  first_result: "u32",
  panel_rows: "u32",
  panel_quads: "u32",
  /** Where the result's first row is in the panel: that many rows or columns behind its first; how many rows there are. */
  skip: "u32",
  rows: "u32",
  /** How many others each may be near to. */
  others: "u32",
} as const;

export type NearRowsParameters = Record<keyof typeof parameters, number>;

/** Rows that a workgroup looks at. */
export const rowsPerGroup = 16;
const threads = 64;
/** Columns looked at between barriers, and masks for them. */
const span = 256;
const masks = span / 32;

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
    declarations: () => `var<workgroup> slopes: array<u32, ${span}>;
var<workgroup> tagged: array<atomic<u32>, ${masks}>;`,
    body: () => `let entry = p.first_entry + group.z;
  let panel_start = group.z * p.panel_rows * 4u * p.panel_quads;
  for (var m = 0u; m < ${rowsPerGroup}u; m++) {
    let n = group.x * ${rowsPerGroup}u + m;
    let i = p.first_result + n;
    if (n >= p.rows || i >= p.count) { break; }
    if (near_rows[entry * p.count + i] == 0u) { continue; }
    let own = 4u * (entry * p.batch_quads + i * p.quads);
    let sum = (entry * p.count + i) * p.dim;
    for (var start = 0u; start < p.others; start += ${span}u) {
      for (var k = t; k < ${span}u; k += ${threads}u) {
        let other = start + k;
        if (other < p.others) {
          let bits = panel[panel_start + (${row}) * 4u * p.panel_quads + (${column})];
          if ((bits & 1u) == 1u) {
            slopes[k] = bits;
            atomicOr(&tagged[k / 32u], 1u << (k % 32u));
          }
        }
      }
      workgroupBarrier();
      for (var word = 0u; word < ${masks}u; word++) {
        var left = atomicLoad(&tagged[word]);
        while (left != 0u) {
          let k = 32u * word + firstTrailingBit(left);
          left &= left - 1u;
          let slope = bitcast<f32>(slopes[k] & 0xfffffffcu);
          let sign = select(1.0, -1.0, (slopes[k] & 2u) == 2u);
          let theirs = 4u * (entry * p.batch_quads + (p.first_inner + start + k) * p.quads);
          for (var e = t; e < p.dim; e += ${threads}u) {
            result[sum + e] += slope * (x[theirs + e] - sign * x[own + e]);
          }
        }
      }
      workgroupBarrier();
      if (t < ${masks}u) { atomicStore(&tagged[t], 0u); }
      workgroupBarrier();
    }
  }`,
  } as const satisfies Kernel;
}
