/**
 * The mismatch of the angles of two sets as tensors; see `reference/mismatch.ts`. S = Σ over ordered pairs, with the
 * diagonal in form `root`, where ε > 0 makes it differ from 0; the other form masks it out.
 */
import type { MismatchResult, MismatchSpec } from "../backend/backend.js";
import { angleTerms, halfChords } from "./pair-terms.js";
import type { TensorPrimitives } from "./primitives.js";
import type { TensorTerms } from "./tensor-algebra.js";
import { along, pullback, pullbackDerivative, type TensorDirections } from "./tensor-directions.js";
import { forEachTile, offDiagonal } from "./tiles.js";

interface MismatchSaved<T> {
  readonly reference: TensorDirections<T>;
  readonly projected: TensorDirections<T>;
  readonly spec: MismatchSpec;
  /** S, `[batch, 1, 1]`. */
  readonly sum: T;
  /** ∂S/∂Z, before α and the root. */
  readonly onProjected: T;
}

export function mismatch<T>(
  p: TensorPrimitives<T>,
  reference: TensorDirections<T>,
  projected: TensorDirections<T>,
  spec: MismatchSpec,
  tileBytes: number,
): MismatchResult<T> {
  const [batch, count] = p.shape(projected.unit) as [number, number, number];
  const result = forEachTile(p, [reference.unit, projected.unit], tileBytes, ({ rows, columns, start }) => {
    const { error, after } = tileErrors(p, reference, projected, spec, rows, columns, start);
    const slope = p.mul(p.mul(error, after.slope), p.scalar(-4));
    return {
      sums: [p.sum(p.sum(p.square(error), 2), 1)],
      rows: [p.matmul(slope, columns[1]!, false, false)],
    };
  });
  const sum = result.sums[0]!;
  const onProjected = result.rows[0]!;
  const saved: MismatchSaved<T> = { reference, projected, spec, sum, onProjected };
  const alpha = pairScale(count, spec);
  const pulled = pullback(p, projected, onProjected, alpha);
  return spec.form === "root"
    ? { loss: p.reshape(p.sqrt(sum), [batch]), gradient: p.mul(pulled, halfInverseRoot(p, sum)), saved }
    : { loss: p.reshape(p.mul(sum, p.scalar(alpha)), [batch]), gradient: pulled, saved };
}

/**
 * H_ZZ = 2α[(f_bb∘ḃ)Z + f_b Ż] and H_XZ = 2α(f_ab∘ḃ)X; for `root`, H_L = H/(2√S) − G(G·Ż)/(4S^1.5).
 */
export function mismatchProduct<T>(
  p: TensorPrimitives<T>,
  saved: unknown,
  vector: T,
  tileBytes: number,
): { rows: T; reference: T } {
  const { reference, projected, spec, sum, onProjected } = saved as MismatchSaved<T>;
  const moved = pullback(p, projected, vector);
  const sets = [reference.unit, projected.unit, moved];
  const result = forEachTile(p, sets, tileBytes, ({ rows, columns, start }) => {
    const { error, before, after, mask } = tileErrors(p, reference, projected, spec, rows, columns, start);
    const both = p.add(p.matmul(rows[2]!, columns[1]!, false, true), p.matmul(rows[1]!, columns[2]!, false, true));
    // With ε > 0 a row's own cosine changes as well.
    const db = mask ? p.mul(both, mask) : both;
    // f_b = −2e·m′(b), f_bb = 2m′(b)² − 2e·m″(b), f_ab = −2m′(a)m′(b), f_a = 2e·m′(a); the outer 2 is in the scalars.
    const fb = p.mul(p.mul(error, after.slope), p.scalar(-4));
    const fbb = p.mul(p.sub(p.square(after.slope), p.mul(error, after.curvature())), p.scalar(4));
    const fab = p.mul(p.mul(before.slope, after.slope), p.scalar(-4));
    const change = p.add(p.matmul(p.mul(fbb, db), columns[1]!, false, false), p.matmul(fb, columns[2]!, false, false));
    const across = p.matmul(p.mul(fab, db), columns[0]!, false, false);
    if (spec.form !== "root") return { sums: [], rows: [change, across] };
    const fa = p.mul(p.mul(error, before.slope), p.scalar(4));
    return { sums: [], rows: [change, across, p.matmul(fa, columns[0]!, false, false)] };
  });
  const [change, across, onReference] = result.rows as [T, T, T];
  const alpha = pairScale(p.shape(projected.unit)[1]!, spec);
  const direct = p.add(
    pullback(p, projected, change, alpha),
    p.mul(pullbackDerivative(p, projected, onProjected, vector), p.scalar(alpha)),
  );
  const fold = (a: T) => (p.shape(reference.unit)[0] === p.shape(a)[0] ? a : p.sum(a, 0));
  if (spec.form !== "root") return { rows: direct, reference: pullback(p, reference, fold(across), alpha) };

  const half = halfInverseRoot(p, sum);
  // 1/(4S^1.5) = 2·(1/(2√S))³
  const bend = p.mul(p.sum(along(p, onProjected, moved), 1), p.mul(p.mul(half, p.square(half)), p.scalar(2)));
  const rows = p.sub(p.mul(direct, half), p.mul(pullback(p, projected, onProjected), bend));
  const onX = p.sub(p.mul(across, half), p.mul(onReference, bend));
  return { rows, reference: pullback(p, reference, fold(onX)) };
}

/** e = m(a) − m(b), 0 on a masked diagonal; the mask is absent where the diagonal counts. */
function tileErrors<T>(
  p: TensorPrimitives<T>,
  reference: TensorDirections<T>,
  projected: TensorDirections<T>,
  spec: MismatchSpec,
  rows: readonly T[],
  columns: readonly T[],
  start: number | T,
): { error: T; before: TensorTerms<T>; after: TensorTerms<T>; mask: T | undefined } {
  // Unit rows agree on the diagonal, and a zero row has no angle with itself.
  const counted = spec.form === "root" && (reference.normEpsilon > 0 || projected.normEpsilon > 0);
  const mask = counted ? undefined : offDiagonal(p, start, p.shape(rows[1]!)[1]!, p.shape(columns[1]!)[1]!);
  const cosine = (n: number) => {
    const product = p.matmul(rows[n]!, columns[n]!, false, true);
    return mask ? p.mul(product, mask) : product;
  };
  const before = measure(p, spec, cosine(0));
  const after = measure(p, spec, cosine(1));
  return { error: p.sub(before.value, after.value), before, after, mask };
}

/** m with m′ and m″ of a tile's cosines. */
function measure<T>(p: TensorPrimitives<T>, spec: MismatchSpec, cosine: T): TensorTerms<T> {
  if (spec.measure === "cosine") {
    return { value: cosine, slope: p.scalar(1), curvature: () => p.scalar(0) };
  }
  return angleTerms(p, spec.separationFloor, halfChords(p, cosine));
}

/** α: what multiplies Σ over ordered pairs. */
function pairScale(count: number, { form }: MismatchSpec): number {
  return form === "root" || count < 2 ? 1 : 1 / (count * (count - 1));
}

/** 1/(2√S), 0 where S = 0. */
function halfInverseRoot<T>(p: TensorPrimitives<T>, sum: T): T {
  const positive = p.less(p.scalar(0), sum);
  const root = p.sqrt(p.add(sum, p.sub(p.scalar(1), positive)));
  return p.div(p.mul(positive, p.scalar(0.5)), root);
}
