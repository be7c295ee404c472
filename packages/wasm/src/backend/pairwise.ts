/** The pairwise energy with its gradient, and its Hessian product. */
import type { PairSpec, PairwiseResult, Potential } from "@comhe/core";
import { pairWeights } from "@comhe/core/pair-functions";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";
import { sizes } from "./linear.js";
import { packedRoom, tilesOf } from "./tiles.js";

interface PairwiseSaved {
  readonly directions: WasmDirections;
  readonly pair: PairSpec;
  /** With respect to the raw rows, as returned. */
  readonly gradient: WasmArray;
  /** With the gradient, enough to recover the one on directions: G = ρ·gradient + along·x. */
  readonly along: WasmArray;
}

export function pairwise(context: Context, directions: WasmDirections, pair: PairSpec): PairwiseResult<WasmArray> {
  const { arrays, engine } = context;
  const { unit, inverses, normEpsilon } = directions;
  const [batch, count, dim] = sizes(unit);
  const weights = pairWeights(count, pair.space, pair.population);
  const isHalf = pair.space === "half";

  const tiles = tilesOf(context, batch, count);
  const tileEnergies = arrays.zeros([batch, tiles.count], 8);
  const gradient = arrays.make(unit.shape);
  const packed = packedRoom(context, tiles, dim);
  engine.run(
    "pairwise",
    [
      ...tiles.slots,
      ...pairSlots(pair, normEpsilon),
      unit.address,
      gradient.address,
      tileEnergies.address,
      tiles.count,
      dim,
      inverses.address,
      normEpsilon,
      ...(packed ? [packed.address, packed.address + 2 * packed.size] : [0, 0]),
    ],
    3 * batch * count * count * dim,
  );
  arrays.free(tiles.progress);
  if (packed) arrays.free(packed);

  const along = arrays.make([batch * count], 8);
  const selfEnergies = isHalf ? arrays.make([batch * count], 8) : undefined;
  engine.run(
    "pullback",
    [
      ...[
        batch * count,
        dim,
        gradient.address,
        unit.address,
        inverses.address,
        gradient.address,
        weights.pair,
        0,
        count,
      ],
      ...[along.address, 2 * weights.self, normEpsilon, ...pairSlots(pair, normEpsilon)],
      selfEnergies?.address ?? 0,
    ],
    8 * unit.size,
  );
  const energy = arrays.make([batch]);
  engine.run("energies", [
    ...[batch, tiles.count, tileEnergies.address, weights.pair],
    ...[selfEnergies?.address ?? 0, count, weights.self, energy.address],
  ]);
  arrays.free(tileEnergies);
  if (selfEnergies) arrays.free(selfEnergies);
  const saved: PairwiseSaved = { directions, pair, gradient: arrays.alias(gradient), along };
  return { energy, gradient, saved };
}

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V). */
export function pairwiseProduct(context: Context, saved: unknown, vector: WasmArray): WasmArray {
  const { arrays, engine } = context;
  const { directions, pair, gradient, along } = saved as PairwiseSaved;
  const { unit, inverses, normEpsilon } = directions;
  const [batch, count, dim] = sizes(unit);
  const weights = pairWeights(count, pair.space, pair.population);
  const turned = pullbackOf(context, directions, vector);

  const tiles = tilesOf(context, batch, count);
  const change = arrays.make(unit.shape);
  engine.run(
    "pairwiseProduct",
    [
      ...tiles.slots,
      ...pairSlots(pair, normEpsilon),
      unit.address,
      change.address,
      turned.address,
      0,
      dim,
      inverses.address,
      normEpsilon,
    ],
    7 * batch * count * count * dim,
  );
  arrays.free(tiles.progress);
  arrays.free(turned);
  engine.run(
    "productRows",
    [
      ...[batch * count, dim, change.address, unit.address, inverses.address, vector.address, weights.pair, 0, count],
      ...[along.address, 2 * weights.self, normEpsilon, ...pairSlots(pair, normEpsilon)],
      ...[gradient.address, 0],
    ],
    20 * unit.size,
  );
  return change;
}

/** J(V), as a new array. */
export function pullbackOf(
  { arrays, engine }: Context,
  { unit, inverses }: WasmDirections,
  vector: WasmArray,
): WasmArray {
  const [batch, count, dim] = sizes(unit);
  const result = arrays.make(unit.shape);
  const rows = [batch * count, dim, vector.address, unit.address, inverses.address, result.address];
  engine.run("pullback", [...rows, 1, 0, count, 0, 0, 0, 0, 0, 0, 0, 0, 0], 8 * unit.size);
  return result;
}

const kinds = { chordal: 0, angular: 1, gaussian: 2 };

/** Kind, its parameter, whether half space, u₀, whether near pairs are taken from differences (unit rows). */
function pairSlots({ potential, space, separationFloor }: PairSpec, normEpsilon: number): readonly number[] {
  return [...potentialSlots(potential), space === "half" ? 1 : 0, separationFloor ** 2, normEpsilon === 0 ? 1 : 0];
}

function potentialSlots(potential: Potential): [kind: number, parameter: number] {
  if (potential.kind === "gaussian") return [kinds.gaussian, potential.t];
  return [kinds[potential.distance], potential.s];
}
