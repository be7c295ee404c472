/**
 * The pairwise energy with its gradient, and its Hessian product: one pass over the pairs i < j, each serving both of
 * its neurons. Nothing of size N×N is kept.
 */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "../backend/backend.js";
import { potentialFunction } from "../energy/pair-function.js";
import { pairWeights } from "../energy/pair-weights.js";
import type { PotentialTerms } from "../energy/terms.js";
import { type HostTensor, sizes, zeros } from "./host-tensor.js";
import { dot, type HostDirections, normDeficit, pullback, pullbackDerivative } from "./normalize.js";
import { addTileProducts, pairTiles, pairVisits, tileArray, tileProducts } from "./pair-tiles.js";

interface PairwiseSaved {
  readonly directions: HostDirections;
  readonly pair: PairSpec;
  /** ∂E/∂X, before the pullback and without the shares along x_i below. */
  readonly onDirections: HostTensor;
  /**
   * What each row's gradient has along its own x, times ρ/deficit: κ(x_j − σx_i) of near pairs leaves out κσx_i, and
   * J(x) = x·(1 − xᵀx)/ρ is taken from the deficit 1 − xᵀx = ε/ρ², never from cancellation. 0 for unit rows.
   */
  readonly alongOwn: Float64Array;
}

export function pairwise(directions: HostDirections, pair: PairSpec): PairwiseResult<HostTensor> {
  const { unit } = directions;
  const { batch, rows: count, columns: dim } = sizes(unit);
  const x = unit.data;
  const weights = pairWeights(count, pair.space, pair.population);
  const energy = zeros([batch]);
  const onDirections = zeros(unit.shape);
  const g = onDirections.data;
  const alongOwn = new Float64Array(batch * count);
  const visit = pairVisits(directions, pair);
  const slopes = tileArray();

  for (const tile of pairTiles(batch, count)) {
    tileProducts(slopes, tile, unit, unit, tile.diagonal);
    let sum = 0;
    visit(tile, slopes, (at, i, j, terms, near) => {
      sum += terms.value;
      const slope = weights.pair * terms.slope;
      slopes[at] = near === 0 ? slope : 0;
      if (near === 0) return;
      alongOwn[i]! += near * slope;
      alongOwn[j]! += near * slope;
      for (let k = 0; k < dim; k++) {
        const xi = x[i * dim + k]!;
        const xj = x[j * dim + k]!;
        g[i * dim + k]! += slope * (xj - near * xi);
        g[j * dim + k]! += slope * (xi - near * xj);
      }
    });
    energy.data[tile.batch]! += weights.pair * sum;
    addTileProducts(onDirections, tile, slopes, unit);
  }
  forEachSelfTerm(directions, pair, (b, i, terms) => {
    energy.data[b]! += weights.self * terms.value;
    alongOwn[i]! -= 2 * weights.self * terms.slope;
  });
  const gradient = pullback(directions, onDirections);
  addAlongOwn(gradient, directions, alongOwn);
  const saved: PairwiseSaved = { directions, pair, onDirections, alongOwn };
  return { energy, gradient, saved };
}

/** The energy alone: the same pass, without what the gradient takes. */
export function pairwiseEnergy(directions: HostDirections, pair: PairSpec): PairwiseEnergy<HostTensor> {
  const { unit } = directions;
  const { batch, rows: count } = sizes(unit);
  const weights = pairWeights(count, pair.space, pair.population);
  const energy = zeros([batch]);
  const visit = pairVisits(directions, pair);
  const cosines = tileArray();
  for (const tile of pairTiles(batch, count)) {
    tileProducts(cosines, tile, unit, unit, tile.diagonal);
    let sum = 0;
    visit(tile, cosines, (_at, _i, _j, terms) => {
      sum += terms.value;
    });
    energy.data[tile.batch]! += weights.pair * sum;
  }
  forEachSelfTerm(directions, pair, (b, _i, terms) => {
    energy.data[b]! += weights.self * terms.value;
  });
  return { energy };
}

/** gradient_i += share_i·J(x_i), J(x) = x·deficit/ρ. */
function addAlongOwn(gradient: HostTensor, directions: HostDirections, shares: Float64Array): void {
  if (directions.normEpsilon === 0) return;
  const { columns: dim } = sizes(gradient);
  const x = directions.unit.data;
  for (let i = 0; i < shares.length; i++) {
    const scale = shares[i]! * normDeficit(directions, i);
    if (scale === 0) continue;
    for (let k = i * dim; k < (i + 1) * dim; k++) gradient.data[k]! += (scale * x[k]!) / directions.rho[i]!;
  }
}

/**
 * Half space: φ(−x_iᵀx_i) of every neuron with its antipode. For unit rows it is a constant; with ε > 0 it has a slope,
 * K_ii = −κ.
 */
function forEachSelfTerm(
  directions: HostDirections,
  pair: PairSpec,
  visit: (batch: number, i: number, terms: PotentialTerms, deficit: number) => void,
): void {
  if (pair.space !== "half") return;
  const { rows: count } = sizes(directions.unit);
  const phi = potentialFunction(pair.potential);
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  for (let i = 0; i < directions.rho.length; i++) {
    const deficit = normDeficit(directions, i);
    phi(4 - 2 * deficit, 2 * deficit, terms);
    if (directions.normEpsilon === 0 || deficit === 0) {
      terms.slope = 0;
      terms.curvature = 0;
    }
    visit(Math.floor(i / count), i, terms, deficit);
  }
}

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V); and the change of the shares along x_i. */
export function pairwiseProduct(saved: unknown, vector: HostTensor): HostTensor {
  const { directions, pair, onDirections, alongOwn } = saved as PairwiseSaved;
  const { unit, rho, normEpsilon } = directions;
  const { batch, rows: count, columns: dim } = sizes(unit);
  const x = unit.data;
  const moved = pullback(directions, vector);
  const dx = moved.data;
  const { pair: weight, self } = pairWeights(count, pair.space, pair.population);
  const change = zeros(unit.shape);
  const dg = change.data;
  const alongChange = new Float64Array(batch * count);
  const visit = pairVisits(directions, pair);
  const slopes = tileArray();
  const bends = tileArray();
  const mirrored = tileArray();

  for (const tile of pairTiles(batch, count)) {
    tileProducts(slopes, tile, unit, unit, tile.diagonal);
    tileProducts(bends, tile, moved, unit, tile.diagonal);
    tileProducts(mirrored, tile, unit, moved, tile.diagonal);
    visit(tile, slopes, (at, i, j, terms, near) => {
      const slope = weight * terms.slope;
      const bend = weight * terms.curvature;
      if (near === 0) {
        slopes[at] = slope;
        bends[at] = bend * (bends[at]! + mirrored[at]!);
        return;
      }
      slopes[at] = 0;
      bends[at] = 0;
      // ċ from differences, as u or v is: c = σ·(‖x_i‖² + ‖x_j‖² − ‖x_i − σx_j‖²)/2.
      let dc = 0;
      for (let k = 0; k < dim; k++) {
        dc -= (x[i * dim + k]! - near * x[j * dim + k]!) * (dx[i * dim + k]! - near * dx[j * dim + k]!);
      }
      if (normEpsilon > 0) dc += dot(x, dx, i * dim, i * dim, dim) + dot(x, dx, j * dim, j * dim, dim);
      const own = bend * near * dc;
      alongChange[i]! += near * own;
      alongChange[j]! += near * own;
      for (let k = 0; k < dim; k++) {
        const xi = x[i * dim + k]!;
        const xj = x[j * dim + k]!;
        const di = dx[i * dim + k]!;
        const dj = dx[j * dim + k]!;
        dg[i * dim + k]! += own * (xj - near * xi) + slope * (dj - near * di);
        dg[j * dim + k]! += own * (xi - near * xj) + slope * (di - near * dj);
      }
    });
    addTileProducts(change, tile, bends, unit);
    addTileProducts(change, tile, slopes, moved);
  }
  const result = pullback(directions, change);
  const turn = pullbackDerivative(directions, onDirections, vector);
  for (let n = 0; n < result.data.length; n++) result.data[n]! += turn.data[n]!;
  if (normEpsilon === 0) return result;

  // Of share·x·deficit/ρ: with ρ̇ = x·V the deficit grows by −2·deficit·ρ̇/ρ, and Ẋ = J(V).
  forEachSelfTerm(directions, pair, (_b, i, terms, deficit) => {
    const growth = dot(x, vector.data, i * dim, i * dim, dim) / rho[i]!;
    alongChange[i]! += 4 * self * terms.curvature * deficit * growth;
  });
  for (let i = 0; i < alongOwn.length; i++) {
    if (rho[i] === 0) continue;
    const scale = normDeficit(directions, i) / rho[i]!;
    const growth = dot(x, vector.data, i * dim, i * dim, dim) / rho[i]!;
    const share = alongOwn[i]!;
    const along = alongChange[i]! - 3 * share * growth;
    for (let k = i * dim; k < (i + 1) * dim; k++) result.data[k]! += scale * (share * dx[k]! + along * x[k]!);
  }
  return result;
}
