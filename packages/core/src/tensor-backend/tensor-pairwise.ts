/**
 * The pairwise energy and its Hessian product as tensors, tile by tile, so that no N×N tensor beyond the memory budget
 * lives. Free of branches on the data, which an engine may not know yet (tracing) or could tell only by stalling a device.
 */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "../backend/backend.js";
import { antipodalValue, dependsOnAntipode, potentialFunction } from "../energy/pair-function.js";
import { pairWeights } from "../energy/pair-weights.js";
import { pairTerms, potentialTerms } from "./pair-terms.js";
import type { TensorPrimitives } from "./primitives.js";
import type { TensorTerms } from "./tensor-algebra.js";
import { along, pullback, pullbackDerivative, type TensorDirections } from "./tensor-directions.js";
import { forEachTile, offDiagonal, rowsOfTile } from "./tiles.js";

/**
 * The cosine from which on a pair counts as near: that of ‖x_i − x_j‖² = 1e-2. Near pairs take their gradient from the difference of their rows,
 * since the cosine has too few digits for them.
 */
export const nearCosine = 1 - 1e-2 / 2;

/** What `pairwise` of a {@link tensorBackend} saves for its Hessian product. */
export interface TensorPairwiseSaved<T> {
  /** The directions it was called with. */
  readonly directions: TensorDirections<T>;
  /** The energy it was called for. */
  readonly pair: PairSpec;
  /** The product K X with K_ii = 0, `[batch, N, d]`, without the weight of a pair and the self terms of half space. */
  readonly onDirections: T;
}

export function pairwise<T>(
  p: TensorPrimitives<T>,
  directions: TensorDirections<T>,
  pair: PairSpec,
  tileBytes: number,
): PairwiseResult<T> {
  const { unit } = directions;
  const [batch, count] = p.shape(unit) as [number, number, number];
  const weights = pairWeights(count, pair.space, pair.population);
  const atZero = termsAtZero(pair);

  const result = forEachTile(p, [unit], tileBytes, ({ rows: [rows], columns: [columns], start }) => {
    const { terms, near } = tileTerms(p, directions, pair, rows!, columns!, start);
    const energy = p.sum(p.sub(p.sum(terms.value, 2), p.scalar(atZero.value)), 1);
    const gradient = near
      ? // G = K_far X + (K_near X − rowsum(σ∘K_near)∘x): a near pair pulls along x_j ∓ x_i, which keeps its digits.
        p.add(
          times(p, p.mul(terms.slope, near.far), columns!),
          p.sub(
            times(p, p.mul(terms.slope, near.mask), columns!),
            p.mul(rows!, p.sum(p.mul(terms.slope, near.signs), 2)),
          ),
        )
      : times(p, terms.slope, columns!);
    return { sums: [energy], rows: [withoutDiagonal(p, gradient, rows!, atZero.slope)] };
  });
  const onDirections = result.rows[0] as T;
  const pairs = p.mul(result.sums[0]!, p.scalar(weights.pair / 2));
  let gradient = pullback(p, directions, onDirections, weights.pair);
  const own = pair.space === "half" && directions.normEpsilon > 0 ? selfTerms(p, directions, pair) : undefined;
  if (own) {
    const inward = p.mul(p.mul(own.pull, directions.inverseNorm), p.scalar(2 * weights.self));
    gradient = p.sub(gradient, p.mul(inward, unit));
  }
  const energy = withSelfEnergy(p, directions, pair, pairs, own);
  const saved: TensorPairwiseSaved<T> = { directions, pair, onDirections };
  return { energy: p.reshape(energy, [batch]), gradient, saved };
}

/** What pairs give, `[batch, 1, 1]`, and in half space what each neuron and its opposite give. */
function withSelfEnergy<T>(
  p: TensorPrimitives<T>,
  directions: TensorDirections<T>,
  pair: PairSpec,
  pairs: T,
  own?: SelfTerms<T>,
): T {
  if (pair.space === "full") return pairs;
  if (directions.normEpsilon === 0) return p.add(pairs, constantSelfTerm(p, directions, pair));
  const { value } = own ?? selfTerms(p, directions, pair);
  const weight = pairWeights(p.shape(directions.unit)[1]!, pair.space, pair.population).self;
  return p.add(pairs, p.mul(p.sum(value, 1), p.scalar(weight)));
}

/** Blocks of rows that the energy alone is cut into at least: four take ⅝ of the products that one takes, eight 9/16. */
const energyBlocks = 8;
/** Fewer rows in a block cost more in calls than they save in products. */
const fewestRows = 128;

/**
 * The energy alone. Each block of rows goes with itself, where every pair is met twice, and with the rows behind it. An engine that
 * records loops records one block, which must be of one shape: there all rows go with all.
 */
export function pairwiseEnergy<T>(
  p: TensorPrimitives<T>,
  directions: TensorDirections<T>,
  pair: PairSpec,
  tileBytes: number,
): PairwiseEnergy<T> {
  const { unit } = directions;
  const [batch, count] = p.shape(unit) as [number, number, number];
  const atZero = termsAtZero(pair).value;
  const side = Math.max(fewestRows, Math.ceil(count / energyBlocks));
  const inParts = !p.repeat && side < count;
  const sums = forEachEntry(p, unit, inParts, (x) =>
    inParts
      ? triangleSum(p, pair, x, Math.min(side, rowsOfTile(count, tileBytes)), atZero)
      : forEachTile(p, [x], tileBytes, ({ rows: [rows], columns: [columns], start }) => {
          const { terms } = tileTerms(p, directions, pair, rows!, columns!, start);
          return { sums: [p.sum(p.sub(p.sum(terms.value, 2), p.scalar(atZero)), 1)], rows: [] };
        }).sums[0]!,
  );
  const weight = pairWeights(count, pair.space, pair.population).pair;
  const energy = withSelfEnergy(p, directions, pair, p.mul(sums, p.scalar(weight / 2)));
  return { energy: p.reshape(energy, [batch]) };
}

/** Batch entries one by one where each is cut into parts of its own; all of them at once where tiles take care of the batch. */
function forEachEntry<T>(p: TensorPrimitives<T>, unit: T, oneByOne: boolean, sum: (x: T) => T): T {
  const batch = p.shape(unit)[0]!;
  if (!oneByOne || batch === 1) return sum(unit);
  const each = Array.from({ length: batch }, (_, b) => p.scope(() => sum(p.slice(unit, 0, b, 1))));
  return p.concat(each, 0);
}

/** Σ over ordered pairs i ≠ j, `[1, 1, 1]`. */
function triangleSum<T>(p: TensorPrimitives<T>, pair: PairSpec, x: T, side: number, atZero: number): T {
  const count = p.shape(x)[1]!;
  const parts: T[] = [];
  for (let start = 0; start < count; start += side) {
    const height = Math.min(side, count - start);
    parts.push(
      p.scope(() => {
        const own = p.slice(x, 1, start, height);
        const cosine = p.mul(p.matmul(own, own, false, true), offDiagonal(p, 0, height, height));
        const rows = p.sub(p.sum(pairTerms(p, pair, cosine).value, 2), p.scalar(atZero));
        const within = p.sum(rows, 1);
        const behind = count - start - height;
        if (behind === 0) return within;
        const others = p.matmul(own, p.slice(x, 1, start + height, behind), false, true);
        const beyond = p.sum(p.sum(pairTerms(p, pair, others).value, 2), 1);
        return p.add(within, p.mul(beyond, p.scalar(2)));
      }),
    );
  }
  return p.sum(p.concat(parts, 1), 1);
}

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V). */
export function pairwiseProduct<T>(p: TensorPrimitives<T>, saved: unknown, vector: T, tileBytes: number): T {
  const { directions, pair, onDirections } = saved as TensorPairwiseSaved<T>;
  const { unit } = directions;
  const atZero = termsAtZero(pair);
  const moved = pullback(p, directions, vector);

  const tiles = forEachTile(p, [unit, moved, along(p, unit, moved)], tileBytes, ({ rows, columns, start }) => {
    const [x, dx, xdx] = rows as [T, T, T];
    const [allX, allDx, allXdx] = columns as [T, T, T];
    const { terms, near, mask } = tileTerms(p, directions, pair, x, allX, start);
    let dc = p.add(p.matmul(dx, allX, false, true), p.matmul(x, allDx, false, true));
    // A near pair's ċ is −σ(x_i − σx_j)·(ẋ_i − σẋ_j): it differs by x·ẋ, which is only rounding.
    if (near) dc = p.sub(dc, p.mul(near.signs, p.add(xdx, p.transpose(allXdx, [0, 2, 1]))));
    const bend = p.mul(p.mul(terms.curvature(), dc), mask);
    let change = p.add(times(p, bend, allX), times(p, terms.slope, allDx));
    if (near) {
      change = p.sub(change, p.mul(x, p.sum(p.mul(bend, near.signs), 2)));
      change = p.sub(change, p.mul(dx, p.sum(p.mul(terms.slope, near.signs), 2)));
    }
    return { sums: [], rows: [withoutDiagonal(p, change, dx, atZero.slope)] };
  });
  const { pair: weight, self } = pairWeights(p.shape(unit)[1]!, pair.space, pair.population);
  const turn = pullbackDerivative(p, directions, onDirections, vector);
  const product = p.add(pullback(p, directions, tiles.rows[0] as T, weight), p.mul(turn, p.scalar(weight)));
  if (pair.space === "full" || directions.normEpsilon === 0) return product;
  // Of −pull·x/ρ, as in the reference backend.
  const { pull, stiffness } = selfTerms(p, directions, pair);
  const growth = p.mul(along(p, unit, vector), directions.inverseNorm);
  const own = p.sub(p.mul(pull, moved), p.mul(p.mul(stiffness(), growth), unit));
  return p.sub(product, p.mul(own, p.mul(directions.inverseNorm, p.scalar(2 * self))));
}

/** Which pairs of a tile are so near that their gradient is taken from differences. Each is of the tile's shape. */
export interface NearPairs<T> {
  /** 1 for near pairs, 0 for the others. */
  readonly mask: T;
  /** 1 for pairs that aren't near, 0 for those that are. */
  readonly far: T;
  /** The sign σ: +1 where x_i is near x_j, −1 where it is near −x_j, 0 for pairs that aren't near. */
  readonly signs: T;
}

interface TileTerms<T> {
  readonly terms: TensorTerms<T>;
  /** Absent where ε > 0: rows that aren't unit take 2 − 2c as it is. */
  readonly near: NearPairs<T> | undefined;
  readonly mask: T;
}

/** The diagonal is moved to c = 0, whose value and slope are known and taken off again. */
function tileTerms<T>(
  p: TensorPrimitives<T>,
  { normEpsilon }: TensorDirections<T>,
  pair: PairSpec,
  rows: T,
  columns: T,
  start: number | T,
): TileTerms<T> {
  const mask = offDiagonal(p, start, p.shape(rows)[1]!, p.shape(columns)[1]!);
  const cosine = p.mul(p.matmul(rows, columns, false, true), mask);
  return { terms: pairTerms(p, pair, cosine), near: normEpsilon > 0 ? undefined : nearPairs(p, pair, cosine), mask };
}

/** Finds the near pairs of a tile by {@link nearCosine}; in half space and for angular potentials also those that are near each other's opposite. */
export function nearPairs<T>(p: TensorPrimitives<T>, { potential, space }: PairSpec, cosine: T): NearPairs<T> {
  const twoSided = space === "half" || dependsOnAntipode(potential);
  const mask = p.less(p.scalar(nearCosine), twoSided ? p.abs(cosine) : cosine);
  const signs = twoSided ? p.mul(mask, p.sub(p.scalar(1), p.mul(p.less(cosine, p.scalar(0)), p.scalar(2)))) : mask;
  return { mask, far: p.sub(p.scalar(1), mask), signs };
}

function times<T>(p: TensorPrimitives<T>, slopes: T, columns: T): T {
  return p.matmul(slopes, columns, false, false);
}

function withoutDiagonal<T>(p: TensorPrimitives<T>, product: T, rows: T, slope: number): T {
  return slope === 0 ? product : p.sub(product, p.mul(rows, p.scalar(slope)));
}

/** ψ and ψ′ at c = 0. Tiles put the pairs of a row with itself there, so that what those add can be taken off again. */
export function termsAtZero({ potential, space }: PairSpec): {
  /** ψ(0) */
  value: number;
  /** ψ′(0); 0 in half space. */
  slope: number;
} {
  const { value, slope } = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 });
  return space === "half" ? { value: 2 * value, slope: 0 } : { value, slope };
}

/** Below it an angular φ″, which grows as deficit^(−3/2), overflows; what the deficit's rows feel is 1e-12 there. */
const leastDeficit = 1e-24;

/** What each row and its own opposite add in half space, φ(−x_iᵀx_i), with its derivatives for ε > 0. Each array is `[batch, N, 1]`. */
export interface SelfTerms<T> {
  /** φ(−x_iᵀx_i) */
  readonly value: T;
  /** κ·(1 − x_iᵀx_i), from which the gradient is −pull·x/ρ, since J(x) = x·(1 − xᵀx)/ρ. */
  readonly pull: T;
  /** What −pull·x/ρ changes by along x when ρ grows: (3κ + 2φ″·deficit)·deficit with the deficit 1 − xᵀx. Computed when it is called. */
  readonly stiffness: () => T;
}

/**
 * Computes what half space adds for each row and its own opposite, where ε > 0 makes it depend on the row's norm.
 *
 * The deficit 1 − x_iᵀx_i = ε/ρ² is multiplied in before anything is summed: for long rows an angular κ grows as
 * 1/√deficit, and would multiply the rounding of J(x).
 */
export function selfTerms<T>(
  p: TensorPrimitives<T>,
  { inverseNorm, normEpsilon }: TensorDirections<T>,
  { potential }: PairSpec,
): SelfTerms<T> {
  const exact = p.square(p.mul(inverseNorm, p.scalar(Math.sqrt(normEpsilon))));
  const deficit = p.maximum(exact, p.scalar(leastDeficit));
  const { value, slope, curvature } = potentialTerms(p, potential, p.sub(p.scalar(2), deficit), deficit);
  const stiffness = () => {
    const bend = p.mul(p.mul(curvature(), deficit), p.scalar(2));
    return p.mul(p.add(p.mul(slope, p.scalar(3)), bend), deficit);
  };
  return { value, pull: p.mul(slope, deficit), stiffness };
}

/** Σ φ(−x_iᵀx_i) for ε = 0, `[batch, 1, 1]`: φ(−1) for each neuron, φ(0) for a zero row. */
function constantSelfTerm<T>(
  p: TensorPrimitives<T>,
  { inverseNorm }: TensorDirections<T>,
  { potential, space, population }: PairSpec,
): T {
  const count = p.shape(inverseNorm)[1]!;
  const weight = pairWeights(count, space, population).self;
  const atZero = potentialFunction(potential)(2, 2, { value: 0, slope: 0, curvature: 0 }).value;
  const alive = p.sum(p.less(p.scalar(0), inverseNorm), 1);
  const perAlive = weight * (antipodalValue(potential) - atZero);
  return p.add(p.mul(alive, p.scalar(perAlive)), p.scalar(weight * count * atZero));
}
