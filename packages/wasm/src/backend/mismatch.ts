/** The mismatch of the angles of two sets with its gradient, and its Hessian products. */
import type { MismatchResult, MismatchSpec } from "@comhe/core";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";
import { sizes } from "./linear.js";
import { pullbackOf } from "./pairwise.js";
import { tilesOf } from "./tiles.js";

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
  const { unit, inverses } = projected;
  const [batch, count, dim] = sizes(unit);
  const [referenceBatch, , referenceDim] = sizes(reference.unit);
  const weight = 2 * pairScale(count, spec);

  const tiles = tilesOf(context, referenceBatch, count);
  const tileLosses = arrays.zeros([batch, tiles.count], 8);
  const gradient = arrays.make(unit.shape);
  engine.run(
    "mismatch",
    [
      ...tiles.slots,
      ...setSlots(reference, projected, spec, { gradient, tileLosses: tileLosses.address, tiles: tiles.count }),
      ...[0, 0, 0],
    ],
    batch * count * count * (3 * dim + referenceDim),
  );
  arrays.free(tiles.progress);

  const losses = arrays.make([batch], 8);
  const scales = arrays.make([batch], 8);
  const loss = arrays.make([batch]);
  engine.run("losses", [
    ...[batch, tiles.count, tileLosses.address, weight, spec.form === "root" ? 1 : 0],
    ...[losses.address, scales.address, loss.address],
  ]);
  arrays.free(tileLosses);
  const along = arrays.make([batch * count], 8);
  engine.run(
    "pullback",
    [
      ...[batch * count, dim, gradient.address, unit.address, inverses.address, gradient.address, weight],
      ...[scales.address, count, along.address, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
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
  const { unit, inverses, normEpsilon } = projected;
  const [batch, count, dim] = sizes(unit);
  const [referenceBatch, , referenceDim] = sizes(reference.unit);
  const weight = 2 * pairScale(count, spec);
  const turned = pullbackOf(context, projected, vector);

  const inner = arrays.make([batch], 8);
  engine.run("innerProducts", [batch, count * dim, gradient.address, vector.address, inner.address], 2 * unit.size);
  const turns = arrays.make([batch], 8);
  const crossScales = arrays.make([2 * batch], 8);
  const isRoot = spec.form === "root" ? 1 : 0;
  engine.run("rootScales", [batch, isRoot, inner.address, losses.address, turns.address, crossScales.address]);
  arrays.free(inner);

  const tiles = tilesOf(context, referenceBatch, count);
  const change = arrays.make(unit.shape);
  const across = arrays.make(reference.unit.shape);
  engine.run(
    "mismatchProduct",
    [
      ...tiles.slots,
      ...setSlots(reference, projected, spec, { gradient: change, tileLosses: 0, tiles: tiles.count }),
      ...[turned.address, across.address, crossScales.address],
    ],
    batch * count * count * (7 * dim + 3 * referenceDim),
  );
  for (const array of [tiles.progress, turned, crossScales]) arrays.free(array);

  engine.run(
    "productRows",
    [
      ...[batch * count, dim, change.address, unit.address, inverses.address, vector.address, weight, scales.address],
      ...[count, along.address, 0, normEpsilon, 0, 0, 0, 0, 0, gradient.address, turns.address],
    ],
    20 * unit.size,
  );
  arrays.free(turns);
  const ofReference = reference.unit;
  engine.run(
    "pullback",
    [
      ...[referenceBatch * count, referenceDim, across.address, ofReference.address, reference.inverses.address],
      ...[across.address, weight, 0, count, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    8 * ofReference.size,
  );
  return { rows: change, reference: across };
}

/** α: what multiplies Σ over ordered pairs. */
function pairScale(count: number, spec: MismatchSpec): number {
  return spec.form === "root" || count < 2 ? 1 : 1 / (count * (count - 1));
}

function setSlots(
  reference: WasmDirections,
  projected: WasmDirections,
  { measure, form, separationFloor }: MismatchSpec,
  to: { readonly gradient: WasmArray; readonly tileLosses: number; readonly tiles: number },
): readonly number[] {
  const [batch, , dim] = sizes(projected.unit);
  const [referenceBatch, , referenceDim] = sizes(reference.unit);
  const withDiagonal = form === "root" && (reference.normEpsilon > 0 || projected.normEpsilon > 0);
  return [
    ...[measure === "angle" ? 1 : 0, separationFloor ** 2, withDiagonal ? 1 : 0, batch, referenceBatch],
    ...[projected.unit.address, to.gradient.address, to.tileLosses, to.tiles, dim],
    ...[reference.unit.address, referenceDim, projected.inverses.address, reference.inverses.address],
    ...[projected.normEpsilon, reference.normEpsilon],
  ];
}
