/**
 * The mismatch of the angles of two sets of directions, its gradient with respect to the projected set, and its Hessian
 * product, also across to the reference set. A reference of batch 1 is compared with every projected set.
 *
 * `mean`: S/(N(N−1)) with S = Σ over ordered pairs. `root`: √S, the diagonal counting too (with ε > 0 it isn't zero).
 */
import type { MismatchResult, MismatchSpec } from "../backend/backend.js";
import { type MismatchTerms, mismatchTerms } from "../energy/mismatch.js";
import { measureFunction } from "../energy/pair-function.js";
import type { PotentialTerms } from "../energy/terms.js";
import { type Chords, chords } from "./chords.js";
import { type HostTensor, sizes, zeros } from "./host-tensor.js";
import { dot, type HostDirections, normDeficit, pullback, pullbackDerivative } from "./normalize.js";

interface MismatchSaved {
  readonly reference: HostDirections;
  readonly projected: HostDirections;
  readonly spec: MismatchSpec;
  /** L per batch entry. */
  readonly loss: Float64Array;
  /** ∂S/∂Z with S the plain sum times α: before the root and before the pullback. */
  readonly onProjected: HostTensor;
}

interface MismatchPair {
  readonly batch: number;
  /** Rows of the projected set, counted through the batch. */
  readonly i: number;
  readonly j: number;
  /** The same rows in the reference set, without its batch. */
  readonly p: number;
  readonly q: number;
  readonly terms: MismatchTerms;
  /** 2 for an unordered pair of different rows, 1 on the diagonal. */
  readonly times: number;
}

function forEachPair(
  reference: HostDirections,
  projected: HostDirections,
  spec: MismatchSpec,
  visit: (pair: MismatchPair) => void,
): void {
  const { batch, rows: count } = sizes(projected.unit);
  const measure = measureFunction(spec);
  const chord: Chords = { u: 0, v: 0, near: 0 };
  const a: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const b: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const terms: MismatchTerms = { value: 0, fa: 0, fb: 0, fbb: 0, fab: 0 };
  const at = (set: HostDirections, i: number, j: number, out: PotentialTerms) => {
    if (i === j) {
      const deficit = normDeficit(set, i);
      return measure(2 * deficit, 4 - 2 * deficit, out);
    }
    const { u, v } = chords(set, i, j, true, chord);
    return measure(u, v, out);
  };
  // Unit rows agree on the diagonal, and a zero row has no angle with itself.
  const withDiagonal = spec.form === "root" && (reference.normEpsilon > 0 || projected.normEpsilon > 0);
  for (let c = 0; c < batch; c++) {
    const own = c * count;
    const other = reference.unit.shape[0] === 1 ? 0 : own;
    for (let i = 0; i < count; i++) {
      for (let j = withDiagonal ? i : i + 1; j < count; j++) {
        mismatchTerms(at(reference, other + i, other + j, a), at(projected, own + i, own + j, b), terms);
        visit({ batch: c, i: own + i, j: own + j, p: other + i, q: other + j, terms, times: i === j ? 1 : 2 });
      }
    }
  }
}

/** α: what multiplies Σ over ordered pairs. */
function pairScale(count: number, spec: MismatchSpec): number {
  return spec.form === "root" || count < 2 ? 1 : 1 / (count * (count - 1));
}

export function mismatch(
  reference: HostDirections,
  projected: HostDirections,
  spec: MismatchSpec,
): MismatchResult<HostTensor> {
  const { batch, rows: count, columns: dim } = sizes(projected.unit);
  const alpha = pairScale(count, spec);
  const z = projected.unit.data;
  const loss = zeros([batch]);
  const onProjected = zeros(projected.unit.shape);
  const g = onProjected.data;

  forEachPair(reference, projected, spec, ({ batch: c, i, j, terms, times }) => {
    loss.data[c]! += alpha * times * terms.value;
    const slope = alpha * times * terms.fb;
    for (let k = 0; k < dim; k++) {
      const [zi, zj] = [z[i * dim + k]!, z[j * dim + k]!];
      g[i * dim + k]! += slope * zj;
      g[j * dim + k]! += slope * zi;
    }
  });
  if (spec.form === "root")
    loss.data.forEach((sum, c) => {
      loss.data[c] = Math.sqrt(sum);
    });
  const saved: MismatchSaved = { reference, projected, spec, loss: loss.data, onProjected };
  const gradient = pullback(projected, onProjected);
  scaleByRoot(gradient, saved);
  return { loss, gradient, saved };
}

/** `root`: G/(2√S) per batch entry, 0 where S = 0. */
function scaleByRoot(gradient: HostTensor, { spec, loss }: Pick<MismatchSaved, "spec" | "loss">): void {
  if (spec.form !== "root") return;
  const size = gradient.data.length / loss.length;
  for (let n = 0; n < gradient.data.length; n++) {
    const root = loss[Math.floor(n / size)]!;
    gradient.data[n] = root === 0 ? 0 : gradient.data[n]! / (2 * root);
  }
}

/**
 * H_ZZ = 2α[(f_bb∘ḃ)Z + f_b Ż] on the projected set and H_XZ = 2α(f_ab∘ḃ)X across to the reference set, with
 * ḃ = ŻZᵀ + ZŻᵀ; for `root`, H_L = H/(2√S) − G(G·Ż)/(4S^1.5).
 */
export function mismatchProduct(saved: unknown, vector: HostTensor): { rows: HostTensor; reference: HostTensor } {
  const { reference, projected, spec, loss, onProjected } = saved as MismatchSaved;
  const { batch, rows: count, columns: dim } = sizes(projected.unit);
  const referenceDim = sizes(reference.unit).columns;
  const alpha = pairScale(count, spec);
  const z = projected.unit.data;
  const dz = pullback(projected, vector).data;
  const x = reference.unit.data;
  const change = zeros(projected.unit.shape);
  const dg = change.data;
  const across = zeros([batch, count, referenceDim]);
  /** ∂S/∂X, which only the root needs. */
  const onReference = zeros([batch, count, referenceDim]);

  forEachPair(reference, projected, spec, ({ i, j, p, q, terms, times }) => {
    const db = dot(dz, z, i * dim, j * dim, dim) + dot(z, dz, i * dim, j * dim, dim);
    const slope = alpha * times * terms.fb;
    const bend = alpha * times * terms.fbb * db;
    for (let k = 0; k < dim; k++) {
      const [zi, zj] = [z[i * dim + k]!, z[j * dim + k]!];
      const [di, dj] = [dz[i * dim + k]!, dz[j * dim + k]!];
      dg[i * dim + k]! += bend * zj + slope * dj;
      dg[j * dim + k]! += bend * zi + slope * di;
    }
    const cross = alpha * times * terms.fab * db;
    const direct = alpha * times * terms.fa;
    for (let k = 0; k < referenceDim; k++) {
      const [xp, xq] = [x[p * referenceDim + k]!, x[q * referenceDim + k]!];
      across.data[i * referenceDim + k]! += cross * xq;
      across.data[j * referenceDim + k]! += cross * xp;
      onReference.data[i * referenceDim + k]! += direct * xq;
      onReference.data[j * referenceDim + k]! += direct * xp;
    }
  });

  const rows = pullback(projected, change);
  const turn = pullbackDerivative(projected, onProjected, vector);
  for (let n = 0; n < rows.data.length; n++) rows.data[n]! += turn.data[n]!;
  if (spec.form === "root") {
    scaleByRoot(rows, { spec, loss });
    scaleByRoot(across, { spec, loss });
    const own = pullback(projected, onProjected);
    for (let c = 0; c < batch; c++) {
      const size = count * dim;
      const along = dot(onProjected.data, dz, c * size, c * size, size);
      const root = loss[c]!;
      const scale = root === 0 ? 0 : along / (4 * root ** 3);
      for (let n = c * size; n < (c + 1) * size; n++) rows.data[n]! -= scale * own.data[n]!;
      const width = count * referenceDim;
      for (let n = c * width; n < (c + 1) * width; n++) across.data[n]! -= scale * onReference.data[n]!;
    }
  }
  return { rows, reference: pullback(reference, foldBatch(across, reference.unit.shape[0]!)) };
}

/** The reference set's change, summed over the batch where one set is compared with many. */
function foldBatch(across: HostTensor, batch: number): HostTensor {
  if (across.shape[0] === batch) return across;
  const folded = zeros([1, across.shape[1]!, across.shape[2]!]);
  for (let n = 0; n < across.data.length; n++) folded.data[n % folded.data.length]! += across.data[n]!;
  return folded;
}
