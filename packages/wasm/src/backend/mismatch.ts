/** The mismatch of the angles of two sets with its gradient, and its Hessian products. */
import type { MismatchResult, MismatchSpec } from "@comhe/core";
import type { MismatchFields } from "../kernels/commands.js";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";
import { sizes } from "./linear.js";
import { pullbackOf, pulledRows } from "./pairwise.js";
import { type Tiles, tilesOf } from "./tiles.js";

interface MismatchSaved {
  readonly reference: WasmDirections;
  readonly projected: WasmDirections;
  readonly spec: MismatchSpec;
  readonly gradient: WasmArray;
  /** As in `pairwise`: G/(2L) = ρ·gradient + along·z, with 1/(2L) in form `root` only. */
  readonly along: WasmArray;
  /** L, float64. */
  readonly losses: WasmArray;
  /** 1/(2L) in form `root`, else 1; float64. */
  readonly scales: WasmArray;
}

export function mismatch(
  context: Context,
  reference: WasmDirections,
  projected: WasmDirections,
  spec: MismatchSpec,
): MismatchResult<WasmArray> {
  const { arrays, engine } = context;
  const { unit } = projected;
  const [batch, count, dim] = sizes(unit);
  const [referenceBatch, , referenceDim] = sizes(reference.unit);
  const weight = 2 * pairScale(count, spec);

  const tiles = tilesOf(context, referenceBatch, count);
  const tileLosses = arrays.zeros([batch, tiles.count], 8);
  const gradient = arrays.make(unit.shape);
  engine.run(
    "mismatch",
    { sets: setFields(reference, projected, spec, tiles), gradient, losses: tileLosses },
    batch * count * count * (3 * dim + referenceDim),
  );
  arrays.free(tiles.progress);

  const losses = arrays.make([batch], 8);
  const scales = arrays.make([batch], 8);
  const loss = arrays.make([batch]);
  const isRoot = spec.form === "root";
  engine.run("losses", { batch, tiles: tiles.count, tileLosses, weight, isRoot, losses, scales, to: loss });
  arrays.free(tileLosses);
  const along = arrays.make([batch * count], 8);
  engine.run(
    "pullback",
    { rows: pulledRows(projected, weight, scales), from: gradient, to: gradient, along },
    8 * unit.size,
  );
  const saved: MismatchSaved = { reference, projected, spec, gradient: arrays.alias(gradient), along, losses, scales };
  return { loss, gradient, saved };
}

/**
 * H_ZZ = 2α[(f_bb∘ḃ)Z + f_b Ż] on the projected set and H_XZ = 2α(f_ab∘ḃ)X across to the reference set, ḃ = ŻZᵀ + ZŻᵀ; for `root`,
 * H_L = H/(2L) − G(G·Ż)/(4L³). There ⟨G/(2L), Ż⟩ is ⟨gradient, V⟩, since J is symmetric.
 */
export function mismatchProduct(
  context: Context,
  saved: unknown,
  vector: WasmArray,
): { rows: WasmArray; reference: WasmArray } {
  const { arrays, engine } = context;
  const { reference, projected, spec, gradient, along, losses, scales } = saved as MismatchSaved;
  const { unit } = projected;
  const [batch, count, dim] = sizes(unit);
  const [referenceBatch, , referenceDim] = sizes(reference.unit);
  const weight = 2 * pairScale(count, spec);
  const turned = pullbackOf(context, projected, vector);

  const inner = arrays.make([batch], 8);
  engine.run("innerProducts", { batch, size: count * dim, a: gradient, b: vector, to: inner }, 2 * unit.size);
  const turns = arrays.make([batch], 8);
  const crossScales = arrays.make([2 * batch], 8);
  engine.run("rootScales", { batch, isRoot: spec.form === "root", along: inner, losses, turns, crossScales });
  arrays.free(inner);

  const tiles = tilesOf(context, referenceBatch, count);
  const change = arrays.make(unit.shape);
  const across = arrays.make(reference.unit.shape);
  engine.run(
    "mismatchProduct",
    { sets: setFields(reference, projected, spec, tiles), change, turned, across, crossScales },
    batch * count * count * (7 * dim + 3 * referenceDim),
  );
  for (const array of [tiles.progress, turned, crossScales]) arrays.free(array);

  engine.run(
    "productRows",
    { rows: pulledRows(projected, weight, scales), change, vector, gradient, along, turns },
    20 * unit.size,
  );
  arrays.free(turns);
  engine.run("pullback", { rows: pulledRows(reference, weight), from: across, to: across }, 8 * across.size);
  return { rows: change, reference: across };
}

/** α: what multiplies Σ over ordered pairs. */
function pairScale(count: number, spec: MismatchSpec): number {
  return spec.form === "root" || count < 2 ? 1 : 1 / (count * (count - 1));
}

function setFields(
  reference: WasmDirections,
  projected: WasmDirections,
  { measure, form, separationFloor }: MismatchSpec,
  tiles: Tiles,
): MismatchFields {
  const [projectedBatch, , projectedDim] = sizes(projected.unit);
  const [, , referenceDim] = sizes(reference.unit);
  return {
    tiles,
    isAngle: measure === "angle",
    floor: separationFloor ** 2,
    withDiagonal: form === "root" && (reference.normEpsilon > 0 || projected.normEpsilon > 0),
    projectedBatch,
    projected: projected.unit,
    projectedDim,
    projectedInverses: projected.inverses,
    projectedEpsilon: projected.normEpsilon,
    reference: reference.unit,
    referenceDim,
    referenceInverses: reference.inverses,
    referenceEpsilon: reference.normEpsilon,
  };
}
