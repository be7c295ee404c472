/** Kernels that go row by row: directions, the pullback of a gradient, self terms, padding. One workgroup a row, or one thread a number. */
import type { PairSpec } from "@comhe/core";
import { antipodalValue, potentialFunction } from "@comhe/core/host-functions";
import type { Kernel } from "../device/kernel.js";
import { sumDeclarations, sumText } from "./blocking.js";
import { bareText, halfAngleText, numberText, pairName } from "./potential-text.js";

/** float32's smallest normal number: a GPU may flush what is smaller, so a row below it counts as zero. */
const smallestNormal = 1.1754944e-38;

/** Threads of a row: as many as a short row has numbers for. In software those of one vector register, so that nobody waits at a barrier. */
export function rowThreads(dim: number, inSoftware: boolean): 4 | 16 | 64 {
  if (inSoftware) return 4;
  return dim <= 32 ? 16 : 64;
}

/** Folds `partial` by an operation, as `sumText` adds it up, and leaves it readable by all. */
function largestText(threads: number): string {
  const steps = [];
  for (let half = threads / 2; half >= 1; half /= 2) {
    steps.push(`if (t < ${half}u) { partial[t] = max(partial[t], partial[t + ${half}u]); } workgroupBarrier();`);
  }
  return `partial[t] = largest; workgroupBarrier(); ${steps.join(" ")}`;
}

/**
 * ρ = m·√(‖w/m‖² + ε/m²) with m = max(max|w_i|, √ε), so that rows of norm 1e±30 neither overflow nor vanish. Multiplied in two steps: 1/m
 * alone may be beyond the range.
 */
export function directionsKernel(threads: number) {
  return {
    name: `directions ${threads}`,
    parameters: { dim: "u32", root: "f32" },
    arrays: { w: { type: "f32" }, unit: { type: "f32", writes: true }, inverse: { type: "f32", writes: true } },
    threads,
    declarations: () => sumDeclarations(threads),
    body: () => `let start = group.x * p.dim;
  var largest = p.root;
  for (var k = t; k < p.dim; k += ${threads}u) { largest = max(largest, abs(w[start + k])); }
  ${largestText(threads)}
  let m = workgroupUniformLoad(&partial[0]);
  if (m < ${numberText(smallestNormal)}) {
    for (var k = t; k < p.dim; k += ${threads}u) { unit[start + k] = 0.0; }
    if (t == 0u) { inverse[group.x] = 0.0; }
    return;
  }
  var sum = 0.0;
  for (var k = t; k < p.dim; k += ${threads}u) { let v = w[start + k] / m; sum += v * v; }
  ${sumText(threads)}
  let part = p.root / m;
  let norm = sqrt(partial[0] + part * part);
  for (var k = t; k < p.dim; k += ${threads}u) { unit[start + k] = (w[start + k] / m) / norm; }
  if (t == 0u) { inverse[group.x] = (1.0 / norm) / m; }`,
  } as const satisfies Kernel;
}

/** Rows and their numbers, with zeros up to whole tiles: what the blocked kernels read. */
export const padKernel = {
  name: "pad",
  parameters: { count: "u32", dim: "u32", rows: "u32", columns: "u32", size: "u32" },
  arrays: { a: { type: "f32" }, padded: { type: "f32", writes: true } },
  threads: 256,
  body: () => `let n = group.x * 256u + t;
  if (n >= p.size) { return; }
  let k = n % p.columns; let row = n / p.columns;
  let i = row % p.rows; let entry = row / p.rows;
  var value = 0.0;
  if (k < p.dim && i < p.count) { value = a[(entry * p.count + i) * p.dim + k]; }
  padded[n] = value;`,
} as const satisfies Kernel;

/** Below it an angular slope, which grows as deficit^(−½), overflows; what the deficit's rows feel is 1e-12 there. */
const leastDeficit = 1e-24;

/** Statements that declare `selfValue` of a row whose 1/ρ is `norm`; with ε > 0 `selfSlope` and `deficit` too. */
function selfText({ potential }: PairSpec, unitRows: boolean): string {
  if (unitRows) {
    const dead = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 }).value;
    return `let selfValue = select(${numberText(dead)}, ${numberText(antipodalValue(potential))}, norm > 0.0);`;
  }
  return `let part = norm * p.root;
  let deficit = max(part * part, ${numberText(leastDeficit)});
  let u = 4.0 - 2.0 * deficit; let v = 2.0 * deficit;
  ${bareText(potential)}`;
}

/** φ(−x_iᵀx_i) of each row: in half space every neuron is paired with its antipode. */
export function selfValuesKernel(pair: PairSpec, unitRows: boolean) {
  return {
    name: `self values ${pairName(pair)} ${unitRows}`,
    parameters: { size: "u32", root: "f32" },
    arrays: { inverse: { type: "f32" }, values: { type: "f32", writes: true } },
    threads: 256,
    declarations: () => halfAngleText,
    body: () => `let n = group.x * 256u + t;
  if (n >= p.size) { return; }
  let norm = inverse[n];
  ${selfText(pair, unitRows)}
  values[n] = selfValue;`,
  } as const satisfies Kernel;
}

/**
 * J(g)·scale = (g − x(xᵀg))·scale/ρ, less κ·deficit/ρ times `self` times x, which is what the self terms of half space pull with ε > 0.
 *
 * With ε > 0, xᵀ(g − x(xᵀg)) is (xᵀg)·ε/ρ². For long rows that is little, and what rounding made of it is more: it is taken off.
 */
export function pullbackKernel(threads: number, unitRows: boolean, self: PairSpec | undefined) {
  const again = `sum = 0.0; var square = 0.0;
  for (var k = t; k < p.dim; k += ${threads}u) { let v = x[start + k]; sum += v * (g[start + k] - v * along); square += v * v; }
  workgroupBarrier();
  ${sumText(threads)}
  let left = workgroupUniformLoad(&partial[0]);
  ${sumText(threads, "square")}
  let whole = workgroupUniformLoad(&partial[0]);
  let share = norm * p.root;
  let slip = (left - along * share * share) / max(whole, 1e-30);`;
  return {
    name: `pullback ${threads} ${unitRows} ${self ? pairName(self) : ""}`,
    parameters: { dim: "u32", scale: "f32", self_weight: "f32", root: "f32" },
    arrays: {
      x: { type: "f32" },
      g: { type: "f32" },
      inverse: { type: "f32" },
      result: { type: "f32", writes: true },
    },
    threads,
    declarations: () => `${sumDeclarations(threads)} ${halfAngleText}`,
    body: () => `let start = group.x * p.dim;
  let norm = inverse[group.x];
  var sum = 0.0;
  for (var k = t; k < p.dim; k += ${threads}u) { sum += x[start + k] * g[start + k]; }
  ${sumText(threads)}
  let along = workgroupUniformLoad(&partial[0]);
  ${unitRows ? "let slip = 0.0;" : again}
  ${self ? `${selfText(self, false)} let inward = p.self_weight * selfSlope * deficit * norm;` : "let inward = 0.0;"}
  for (var k = t; k < p.dim; k += ${threads}u) {
    let v = x[start + k];
    let tangent = (g[start + k] - v * along) - v * slip;
    result[start + k] = tangent * p.scale * norm - v * inward;
  }`,
  } as const satisfies Kernel;
}
