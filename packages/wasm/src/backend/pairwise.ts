/** The pairwise energy with its gradient, and its Hessian product. */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import { caseOf, isTwoSided, pairWeights, parameterOf } from "@comhe/core/pair-functions";
import type { PairFields, PulledRowFields, SelfTermFields } from "../kernels/commands.js";
import type { WasmArray } from "../memory/arrays.js";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";
import { sizes } from "./linear.js";
import { packedForCosines, packedRoom, type Tiles, tilesOf } from "./tiles.js";

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
  const fields = pairFields(pair, normEpsilon);

  const tiles = tilesOf(context, batch, count);
  const tileEnergies = arrays.zeros([batch, tiles.count], 8);
  const gradient = arrays.make(unit.shape);
  const packed = packedRoom(context, tiles, dim);
  engine.run(
    "pairwise",
    {
      pairs: { tiles, pair: fields, dim, directions: unit, inverses, epsilon: normEpsilon },
      gradient,
      energies: tileEnergies,
      packedForCosines: packed,
      packedForGradients: packed && { address: packed.address + 2 * packed.size },
    },
    3 * batch * count * count * dim,
  );
  arrays.free(tiles.progress);
  if (packed) arrays.free(packed);

  const along = arrays.make([batch * count], 8);
  const selfEnergies = isHalf ? arrays.make([batch * count], 8) : undefined;
  engine.run(
    "pullback",
    {
      rows: pulledRows(directions, weights.pair, undefined, {
        weight: 2 * weights.self,
        pair: fields,
        energies: selfEnergies,
      }),
      from: gradient,
      to: gradient,
      along,
    },
    8 * unit.size,
  );
  const energy = energyOf(context, tiles, tileEnergies, selfEnergies, weights);
  const saved: PairwiseSaved = { directions, pair, gradient: arrays.alias(gradient), along };
  return { energy, gradient, saved };
}

/** The energy alone: of a tile's three products the first. */
export function pairwiseEnergy(
  context: Context,
  { unit, inverses, normEpsilon }: WasmDirections,
  pair: PairSpec,
): PairwiseEnergy<WasmArray> {
  const { arrays, engine } = context;
  const [batch, count, dim] = sizes(unit);
  const weights = pairWeights(count, pair.space, pair.population);
  const fields = pairFields(pair, normEpsilon);

  const tiles = tilesOf(context, batch, count);
  const tileEnergies = arrays.zeros([batch, tiles.count], 8);
  const packed = packedForCosines(context, tiles, dim);
  engine.run(
    "pairwiseEnergy",
    {
      pairs: { tiles, pair: fields, dim, directions: unit, inverses, epsilon: normEpsilon },
      energies: tileEnergies,
      packedForCosines: packed,
    },
    batch * count * count * dim,
  );
  arrays.free(tiles.progress);
  if (packed) arrays.free(packed);
  const selfEnergies = pair.space === "half" ? arrays.make([batch * count], 8) : undefined;
  if (selfEnergies) {
    const rows = batch * count;
    engine.run("selfEnergies", { rows, inverses, epsilon: normEpsilon, pair: fields, to: selfEnergies }, 100 * rows);
  }
  const energy = energyOf(context, tiles, tileEnergies, selfEnergies, weights);
  return { energy };
}

/** The energies of the batch, from Σψ of each tile and φ(−x_iᵀx_i) of each row, which are freed. */
function energyOf(
  { arrays, engine }: Context,
  { batch, rows, count }: Tiles,
  tileEnergies: WasmArray,
  selfEnergies: WasmArray | undefined,
  weights: ReturnType<typeof pairWeights>,
): WasmArray {
  const energy = arrays.make([batch]);
  const sums = { tiles: count, tileEnergies, weight: weights.pair };
  engine.run("energies", { batch, rows, ...sums, selfEnergies, selfWeight: weights.self, to: energy });
  arrays.free(tileEnergies);
  if (selfEnergies) arrays.free(selfEnergies);
  return energy;
}

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V). */
export function pairwiseProduct(context: Context, saved: unknown, vector: WasmArray): WasmArray {
  const { arrays, engine } = context;
  const { directions, pair, gradient, along } = saved as PairwiseSaved;
  const { unit, inverses, normEpsilon } = directions;
  const [batch, count, dim] = sizes(unit);
  const weights = pairWeights(count, pair.space, pair.population);
  const turned = pullbackOf(context, directions, vector);
  const fields = pairFields(pair, normEpsilon);

  const tiles = tilesOf(context, batch, count);
  const change = arrays.make(unit.shape);
  engine.run(
    "pairwiseProduct",
    { pairs: { tiles, pair: fields, dim, directions: unit, inverses, epsilon: normEpsilon }, change, turned },
    7 * batch * count * count * dim,
  );
  arrays.free(tiles.progress);
  arrays.free(turned);
  engine.run(
    "productRows",
    {
      rows: pulledRows(directions, weights.pair, undefined, { weight: 2 * weights.self, pair: fields }),
      change,
      vector,
      gradient,
      along,
    },
    20 * unit.size,
  );
  return change;
}

/** J(V), as a new array. */
export function pullbackOf({ arrays, engine }: Context, directions: WasmDirections, vector: WasmArray): WasmArray {
  const { unit } = directions;
  const result = arrays.make(unit.shape);
  engine.run("pullback", { rows: pulledRows(directions, 1), from: vector, to: result }, 8 * unit.size);
  return result;
}

/** What commands that go through directions need of them; fields of `PulledRowFields`. */
export function pulledRows(
  { unit, inverses, normEpsilon }: WasmDirections,
  scale: number,
  scales?: WasmArray,
  selfTerms?: SelfTermFields,
): PulledRowFields {
  const [batch, count, dim] = sizes(unit);
  const rows = batch * count;
  return { rows, rowsOfEntry: count, dim, directions: unit, inverses, epsilon: normEpsilon, scale, scales, selfTerms };
}

export function pairFields({ potential, space, separationFloor }: PairSpec, normEpsilon: number): PairFields {
  const { name, kind } = caseOf(potential);
  const isHalf = space === "half";
  return {
    potential: name,
    parameter: parameterOf(potential),
    isHalf,
    isTwoSided: isTwoSided(kind, isHalf),
    floor: separationFloor ** 2,
    takesDifferences: normEpsilon === 0,
  };
}
