/**
 * Whether two results of one piece contradict each other. The same backend and instruction set give the same bits; others round differently,
 * and may differ by the bounds below and by no more.
 */
import type { FailedLayer, LayerAudit } from "@comhe/audit";
import { canonicalJson } from "../identity/canonical-json.js";
import type { Plan } from "../plan/schema.js";
import type { StoredResult } from "../store/stored-result.js";
import { layerOf, stripOf } from "./check-result.js";

/** How far results of different backends may be apart, in float32. */
export const bounds = {
  /** How far a strip's energy may be off, relative to its size. */
  energy: 2e-5,
  /** How far a gradient's numbers may be off, relative to the largest of them. */
  gradient: 5e-4,
  /** How far a layer's energies may be off, relative to their size. */
  layer: 1e-4,
} as const;

/** What differs between two results, and by how much. */
export interface Disagreement {
  /** What differs: "energy", "gradient", "digest", … */
  readonly of: string;
  /** By how much it differs, relative; `null` where it isn't a number that differs. */
  readonly by: number | null;
  /** By how much it may differ; 0 where both come from the same backend and instruction set. */
  readonly bound: number;
}

/**
 * Compares two results of a piece; `undefined` where they agree: to the last bit where backend and instruction set are the same, else within the
 * bounds.
 */
export function disagreement(plan: Plan, a: StoredResult, b: StoredResult): Disagreement | undefined {
  const alike = a.by.backend === b.by.backend;
  if (plan.kind === "table") {
    const [p, q] = [stripOf(a), stripOf(b)];
    return (
      beyond("dead", p.dead, q.dead, 0) ??
      beyond("self", p.self, q.self, alike ? 0 : 1e-12) ??
      beyond("energy", p.energy, q.energy, alike ? 0 : bounds.energy) ??
      beyondGradient(a.gradient, b.gradient, alike ? 0 : bounds.gradient)
    );
  }
  if (plan.kind === "layers") return layersDisagree(layerOf(a), layerOf(b), alike ? 0 : bounds.layer);
  // Runs say for themselves what of them is measured and what is the clock's.
  return canonicalJson(withoutTimes(a.value)) === canonicalJson(withoutTimes(b.value)) || !alike
    ? undefined
    : { of: "run", by: null, bound: 0 };
}

function layersDisagree(
  a: LayerAudit | FailedLayer,
  b: LayerAudit | FailedLayer,
  bound: number,
): Disagreement | undefined {
  if ("problem" in a || "problem" in b) {
    return "problem" in a && "problem" in b ? undefined : { of: "problem", by: null, bound };
  }
  if (a.digest !== b.digest) return { of: "digest", by: null, bound };
  return (
    beyond("dead", a.dead, b.dead, 0) ??
    beyond("energyFull", a.energyFull, b.energyFull, bound) ??
    beyond("energyHalf", a.energyHalf, b.energyHalf, bound) ??
    beyond("projected", a.projected ?? 0, b.projected ?? 0, bound)
  );
}

function beyond(of: string, a: number, b: number, bound: number): Disagreement | undefined {
  const size = Math.max(Math.abs(a), Math.abs(b));
  const by = size === 0 ? 0 : Math.abs(a - b) / size;
  return by <= bound ? undefined : { of, by, bound };
}

function beyondGradient(
  a: Float64Array | undefined,
  b: Float64Array | undefined,
  bound: number,
): Disagreement | undefined {
  if (a === undefined || b === undefined) return a === b ? undefined : { of: "gradient", by: null, bound };
  let [size, difference] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    size = Math.max(size, Math.abs(a[k]!), Math.abs(b[k]!));
    difference = Math.max(difference, Math.abs(a[k]! - b[k]!));
  }
  const by = size === 0 ? 0 : difference / size;
  return by <= bound ? undefined : { of: "gradient", by, bound };
}

const clocks = new Set(["seconds", "milliseconds", "readMilliseconds"]);

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (clocks.has(key) ? [] : [[key, withoutTimes(inner)]])),
  );
}
