/** The mismatch of the angles of two sets with its gradient, and its Hessian products: each of them one command. */
import type { MismatchResult, MismatchSpec } from "@comhe/core";
import { make, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";
import { type NativeDirections, setNumbers } from "./directions.js";

interface MismatchSaved {
  readonly reference: NativeDirections;
  readonly projected: NativeDirections;
  readonly spec: MismatchSpec;
  readonly gradient: NativeArray;
  /** As in `pairwise`: G/(2L) = ρ·gradient + along·z, with 1/(2L) in form `root` only. */
  readonly along: Float64Array;
  /** L */
  readonly losses: Float64Array;
  /** 1/(2L) in form `root`, else 1. */
  readonly scales: Float64Array;
}

export function mismatch(
  context: Context,
  reference: NativeDirections,
  projected: NativeDirections,
  spec: MismatchSpec,
): MismatchResult<NativeArray> {
  const { unit, inverses } = projected;
  const [batch, count] = sizes(unit);
  const gradient = make(unit.shape);
  const along = new Float64Array(batch * count);
  const losses = new Float64Array(batch);
  const scales = new Float64Array(batch);
  const loss = make([batch]);
  context.run(
    "mismatch",
    mismatchNumbers(reference, projected, spec),
    unit.data,
    inverses,
    reference.unit.data,
    reference.inverses,
    gradient.data,
    along,
    losses,
    scales,
    loss.data,
  );
  const saved: MismatchSaved = { reference, projected, spec, gradient, along, losses, scales };
  return { loss, gradient, saved };
}

/**
 * H_ZZ = 2α[(f_bb∘ḃ)Z + f_b Ż] on the projected set and H_XZ = 2α(f_ab∘ḃ)X across to the reference set, ḃ = ŻZᵀ + ZŻᵀ; for `root`,
 * H_L = H/(2L) − G(G·Ż)/(4L³). There ⟨G/(2L), Ż⟩ is ⟨gradient, V⟩, since J is symmetric.
 */
export function mismatchProduct(
  context: Context,
  saved: unknown,
  vector: NativeArray,
): { rows: NativeArray; reference: NativeArray } {
  const { reference, projected, spec, ...rest } = saved as MismatchSaved;
  const kept = rest.gradient.isGiven ? (mismatch(context, reference, projected, spec).saved as MismatchSaved) : rest;
  const rows = make(projected.unit.shape);
  const across = make(reference.unit.shape);
  context.run(
    "mismatchProduct",
    mismatchNumbers(reference, projected, spec),
    projected.unit.data,
    projected.inverses,
    reference.unit.data,
    reference.inverses,
    kept.gradient.data,
    kept.along,
    kept.losses,
    kept.scales,
    vector.data,
    rows.data,
    across.data,
  );
  return { rows, reference: across };
}

function mismatchNumbers(
  reference: NativeDirections,
  projected: NativeDirections,
  { measure, form, separationFloor }: MismatchSpec,
): readonly number[] {
  const [, count] = sizes(projected.unit);
  const isRoot = form === "root";
  const withDiagonal = isRoot && (reference.normEpsilon > 0 || projected.normEpsilon > 0);
  // 2α, which multiplies Σ over unordered pairs.
  const weight = isRoot || count < 2 ? 2 : 2 / (count * (count - 1));
  return [
    ...setNumbers(projected),
    ...setNumbers(reference),
    Number(measure === "angle"),
    separationFloor ** 2,
    Number(withDiagonal),
    Number(isRoot),
    weight,
  ];
}
