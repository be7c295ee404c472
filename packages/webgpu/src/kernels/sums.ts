/**
 * Sums of many numbers, pairwise: each workgroup adds up 1024 of a run in a tree, and what they give is added up again, so that the error
 * grows with the logarithm of their number: 10⁸ pairs keep seven digits of float32, in whatever order the workgroups finish.
 */
import type { Kernel } from "../device/kernel.js";
import { sumDeclarations, sumText } from "./blocking.js";

/** Numbers that a workgroup adds up. */
export const sumRun = 1024;

/** `[runs, length]` → `[runs, parts]`. */
export const sumKernel = {
  name: "sum",
  parameters: { length: "u32", parts: "u32" },
  arrays: { a: { type: "f32" }, sums: { type: "f32", writes: true } },
  threads: 256,
  declarations: () => sumDeclarations(256),
  body: () => `let start = group.y * p.length;
  let first = group.x * ${sumRun}u + t;
  var four = vec4f(0.0);
  for (var n = 0u; n < 4u; n++) {
    let at = first + n * 256u;
    if (at < p.length) { four[n] = a[start + at]; }
  }
  ${sumText(256, "(four.x + four.y) + (four.z + four.w)")}
  if (t == 0u) { sums[group.y * p.parts + group.x] = partial[0]; }`,
} as const satisfies Kernel;

/** pair·Σψ + self·Σφ(−x²), entry by entry. */
export const energyKernel = {
  name: "energy",
  parameters: { size: "u32", pair: "f32", self_weight: "f32" },
  arrays: { pairs: { type: "f32" }, selves: { type: "f32" }, energies: { type: "f32", writes: true } },
  threads: 64,
  body: () => `let n = group.x * 64u + t;
  if (n >= p.size) { return; }
  energies[n] = p.pair * pairs[n] + p.self_weight * selves[n];`,
} as const satisfies Kernel;
