/**
 * The pairwise energy with its gradient, and its Hessian product: one pass over the pairs i < j, each serving both of
 * its neurons. Nothing of size N×N is kept.
 */
import type { PairSpec, PairwiseResult } from "../backend/backend.js";
import { dependsOnAntipode, type PotentialTerms, potentialFunction } from "../energy/potential.js";
import { coincidenceFunction, pairFunction, pairWeights } from "../energy/separation.js";
import { type Chords, chords } from "./chords.js";
import { coincidence } from "./coincidence.js";
import { type HostTensor, sizes, zeros } from "./host-tensor.js";
import { dot, type HostDirections, normDeficit, pullback, pullbackDerivative } from "./normalize.js";

interface PairwiseSaved {
  readonly directions: HostDirections;
  readonly pair: PairSpec;
  /** ∂E/∂X, before the pullback and without the self terms. */
  readonly onDirections: HostTensor;
}

/** Calls `visit` with every pair of every batch entry; i and j count through the whole batch. */
function forEachPair(
  directions: HostDirections,
  pair: PairSpec,
  visit: (batch: number, i: number, j: number, terms: PotentialTerms, near: Chords["near"]) => void,
): void {
  const { batch, rows: count } = sizes(directions.unit);
  const twoSided = pair.space === "half" || dependsOnAntipode(pair.potential);
  const psi = pairFunction(pair);
  const coincides = pair.separationFloor === 0 ? coincidenceFunction(pair) : () => false;
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const chord: Chords = { u: 0, v: 0, near: 0 };
  for (let b = 0; b < batch; b++) {
    for (let i = b * count; i < (b + 1) * count; i++) {
      for (let j = i + 1; j < (b + 1) * count; j++) {
        const { u, v, near } = chords(directions, i, j, twoSided, chord);
        if (coincides(u, v)) throw coincidence(i - b * count, j - b * count, u < v);
        visit(b, i, j, psi(u, v, terms), near);
      }
    }
  }
}

export function pairwise(directions: HostDirections, pair: PairSpec): PairwiseResult<HostTensor> {
  const { batch, rows: count, columns: dim } = sizes(directions.unit);
  const x = directions.unit.data;
  const weights = pairWeights(count, pair.space);
  const energy = zeros([batch]);
  const onDirections = zeros(directions.unit.shape);
  const g = onDirections.data;

  forEachPair(directions, pair, (b, i, j, terms, near) => {
    energy.data[b]! += weights.pair * terms.value;
    const slope = weights.pair * terms.slope;
    for (let k = 0; k < dim; k++) {
      const xi = x[i * dim + k]!;
      const xj = x[j * dim + k]!;
      g[i * dim + k]! += slope * (xj - near * xi);
      g[j * dim + k]! += slope * (xi - near * xj);
    }
  });
  const gradient = pullback(directions, onDirections);
  forEachSelfTerm(directions, pair, (b, i, terms, deficit) => {
    energy.data[b]! += weights.self * terms.value;
    const slope = weights.pair * terms.slope * deficit;
    if (slope === 0) return;
    for (let k = i * dim; k < (i + 1) * dim; k++) gradient.data[k]! -= (slope * x[k]!) / directions.rho[i]!;
  });
  const saved: PairwiseSaved = { directions, pair, onDirections };
  return { energy, gradient, saved };
}

/**
 * Half space: φ(−x_iᵀx_i) of every neuron with its antipode. For unit rows it is a constant; with ε > 0 it has a slope,
 * K_ii = −κ. The deficit 1 − x_iᵀx_i = ε/ρ² comes along, for J(x) = x·deficit/ρ must not be left to cancellation: for
 * long rows an angular κ grows as 1/√deficit and would multiply the rounding.
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

/** H[V] = J(Ġ) + Q(G, V), Ġ = pair·[(ψ″∘ċ)X + KẊ], ċ = ẊXᵀ + XẊᵀ, Ẋ = J(V). */
export function pairwiseProduct(saved: unknown, vector: HostTensor): HostTensor {
  const { directions, pair, onDirections } = saved as PairwiseSaved;
  const { rows: count, columns: dim } = sizes(directions.unit);
  const x = directions.unit.data;
  const dx = pullback(directions, vector).data;
  const weight = pairWeights(count, pair.space).pair;
  const change = zeros(directions.unit.shape);
  const dg = change.data;

  forEachPair(directions, pair, (_b, i, j, terms, near) => {
    const slope = weight * terms.slope;
    // A near pair takes ċ from differences, as its u or v is.
    let dc = 0;
    if (near === 0) {
      dc = dot(dx, x, i * dim, j * dim, dim) + dot(x, dx, i * dim, j * dim, dim);
    } else {
      for (let k = 0; k < dim; k++) {
        dc -= near * (x[i * dim + k]! - near * x[j * dim + k]!) * (dx[i * dim + k]! - near * dx[j * dim + k]!);
      }
    }
    const bend = weight * terms.curvature * dc;
    for (let k = 0; k < dim; k++) {
      const [xi, xj] = [x[i * dim + k]!, x[j * dim + k]!];
      const [di, dj] = [dx[i * dim + k]!, dx[j * dim + k]!];
      dg[i * dim + k]! += bend * (xj - near * xi) + slope * (dj - near * di);
      dg[j * dim + k]! += bend * (xi - near * xj) + slope * (di - near * dj);
    }
  });
  const result = pullback(directions, change);
  const turn = pullbackDerivative(directions, onDirections, vector);
  for (let n = 0; n < result.data.length; n++) result.data[n]! += turn.data[n]!;
  // Derivative of −κ·x·deficit/ρ in the direction V, with ρ̇ = x·V, the deficit's −2·deficit·ρ̇/ρ and Ẋ = J(V).
  forEachSelfTerm(directions, pair, (_b, i, terms, deficit) => {
    if (terms.slope === 0) return;
    const rho = directions.rho[i]!;
    const growth = dot(x, vector.data, i * dim, i * dim, dim) / rho;
    const along = (3 * terms.slope + 2 * terms.curvature * deficit) * growth;
    const scale = (weight * deficit) / rho;
    for (let k = i * dim; k < (i + 1) * dim; k++) result.data[k]! -= scale * (terms.slope * dx[k]! - along * x[k]!);
  });
  return result;
}
