/**
 * The pairwise energy where tensors lie in host memory (tfjs backends cpu and wasm): tfjs multiplies the matrices, and
 * one pass of plain JavaScript turns a tile of cosines into slopes and adds up the energy in float64. Near pairs are
 * taken from differences, as in core's reference backend.
 */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import {
  dependsOnAntipode,
  type PairFunction,
  type PotentialTerms,
  pairFunction,
  pairWeights,
  potentialFunction,
} from "@comhe/core/host-functions";
import type { TensorPairwiseSaved } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs-core";
import { type HostDirections, hostPullback } from "./host-directions.js";
import { matmul } from "./matmul.js";

/** Pairs with ‖x_i ∓ x_j‖² below this are near: 2 − 2c has lost digits there. For unit rows (ε = 0) only. */
const nearChordSquared = 1e-2;

/** Arrays of a tile's size alive at once: cosines and slopes, each as a tensor and as a copy. */
const liveArrays = 4;

/** Rows `start` … `start + height` of the batch entries `first` … `first + size`, against all columns. */
interface Tile {
  readonly first: number;
  readonly size: number;
  readonly start: number;
  readonly height: number;
}

interface PairwiseRun {
  readonly directions: HostDirections;
  readonly count: number;
  readonly dim: number;
  readonly psi: PairFunction;
  readonly twoSided: boolean;
  /** Σ_{i<j} ψ per batch entry. */
  readonly sums: Float64Array;
  /** K X, without the weight of a pair. */
  readonly onDirections: Float32Array;
}

export function hostPairwise(directions: HostDirections, pair: PairSpec, tileBytes: number): PairwiseResult<tf.Tensor> {
  const { unit, unitData } = directions;
  const [, count] = unit.shape as [number, number, number];
  const run = startRun(directions, pair, unitData.length);
  forEachTile(run, tileBytes, count, (tile) => addTile(run, tile));
  const weights = pairWeights(count, pair.space, pair.population);
  const energy = run.sums.map((sum) => weights.pair * sum);
  const gradient = hostPullback(directions, run.onDirections, weights.pair);
  if (pair.space === "half") addSelfTerms(run, pair, energy, gradient);
  const saved: TensorPairwiseSaved<tf.Tensor> = {
    directions,
    pair,
    // Only Hessian products ask for it.
    get onDirections() {
      return tf.tensor(run.onDirections, unit.shape);
    },
  };
  return {
    energy: tf.tensor1d(Float32Array.from(energy)),
    gradient: tf.tensor(gradient, unit.shape),
    saved,
  };
}

/** Rows of a block where there is no gradient: few enough for the columns before a block to be worth leaving out. */
const energyRows = 256;

/** The energy alone: each block of rows with itself and the rows behind it, whose cosines take half the products of all rows with all. */
export function hostPairwiseEnergy(
  directions: HostDirections,
  pair: PairSpec,
  tileBytes: number,
): PairwiseEnergy<tf.Tensor> {
  const [, count] = directions.unit.shape as [number, number, number];
  const run = startRun(directions, pair, 0);
  forEachTile(run, tileBytes, energyRows, (tile) => addTileEnergy(run, tile));
  const weights = pairWeights(count, pair.space, pair.population);
  const energy = run.sums.map((sum) => weights.pair * sum);
  if (pair.space === "half") addSelfTerms(run, pair, energy, undefined);
  return { energy: tf.tensor1d(Float32Array.from(energy)) };
}

function startRun(directions: HostDirections, pair: PairSpec, gradientSize: number): PairwiseRun {
  const [batch, count, dim] = directions.unit.shape as [number, number, number];
  return {
    directions,
    count,
    dim,
    psi: pairFunction(pair),
    twoSided: pair.space === "half" || dependsOnAntipode(pair.potential),
    sums: new Float64Array(batch),
    onDirections: new Float32Array(gradientSize),
  };
}

/** Blocks of at most `mostRows` rows; whole batch entries at once while those fit. */
function forEachTile(run: PairwiseRun, tileBytes: number, mostRows: number, visit: (tile: Tile) => void): void {
  const { count, sums } = run;
  const batch = sums.length;
  const height = Math.min(count, mostRows, Math.max(1, Math.floor(tileBytes / (count * 4 * liveArrays))));
  const size =
    height < count ? 1 : Math.min(batch, Math.max(1, Math.floor(tileBytes / (count * count * 4 * liveArrays))));
  for (let first = 0; first < batch; first += size) {
    for (let start = 0; start < count; start += height) {
      visit({ first, size: Math.min(size, batch - first), start, height: Math.min(height, count - start) });
    }
  }
}

/** Σ ψ of the rows' pairs with each other and with the rows behind them. */
function addTileEnergy(run: PairwiseRun, { first, size, start, height }: Tile): void {
  const { count, dim, sums } = run;
  const width = count - start;
  const visit = pairVisitor(run);
  tf.tidy(() => {
    const columns = tf.slice(run.directions.unit, [first, start, 0], [size, width, dim]);
    const rows = height === width ? columns : tf.slice(columns, [0, 0, 0], [size, height, dim]);
    const cosines = matmul(rows, columns, false, true).dataSync<"float32">();
    for (let b = 0; b < size; b++) {
      const offset = (first + b) * count + start;
      let sum = 0;
      for (let row = 0; row < height; row++) {
        const at = (b * height + row) * width;
        for (let j = row + 1; j < width; j++) sum += visit(cosines[at + j]!, offset + row, offset + j).value;
      }
      sums[first + b]! += sum;
    }
  });
}

function addTile(run: PairwiseRun, tile: Tile): void {
  const { count, dim, onDirections } = run;
  const { first, size, start, height } = tile;
  const near: NearPair[] = [];
  tf.tidy(() => {
    const whole = run.directions.unit;
    const columns = size === whole.shape[0] ? whole : tf.slice(whole, [first, 0, 0], [size, count, dim]);
    const rows = height === count ? columns : tf.slice(columns, [0, start, 0], [size, height, dim]);
    const cosines = matmul(rows, columns, false, true).dataSync<"float32">();
    const slopes = tf.tensor(tileSlopes(run, tile, cosines, near), [size, height, count]);
    const gradient = matmul(slopes, columns, false, false).dataSync<"float32">();
    for (let b = 0; b < size; b++) {
      const block = gradient.subarray(b * height * dim, (b + 1) * height * dim);
      onDirections.set(block, ((first + b) * count + start) * dim);
    }
  });
  for (const pair of near) addNearPair(run, pair);
}

/** ψ of a pair, and whether it was near: +1 to x_j, −1 to −x_j. */
interface VisitedPair extends PotentialTerms {
  sign: -1 | 0 | 1;
}

/** Makes a function of a cosine and of two rows, which count through the whole batch. */
function pairVisitor(run: PairwiseRun): (cosine: number, i: number, j: number) => VisitedPair {
  const { psi, twoSided, directions } = run;
  const unitRows = directions.normEpsilon === 0;
  const visited: VisitedPair = { value: 0, slope: 0, curvature: 0, sign: 0 };
  return (cosine, i, j) => {
    let u = 2 - 2 * cosine;
    let v = 2 + 2 * cosine;
    visited.sign = 0;
    if (unitRows && u < nearChordSquared) {
      visited.sign = 1;
      u = squaredChord(run, i, j, 1);
    } else if (unitRows && twoSided && v < nearChordSquared) {
      visited.sign = -1;
      v = squaredChord(run, i, j, -1);
    }
    psi(u, v, visited);
    return visited;
  };
}

/** Rows count through the whole batch; `sign` +1: near x_j, −1: near −x_j. */
interface NearPair {
  readonly i: number;
  readonly j: number;
  readonly slope: number;
  readonly sign: 1 | -1;
}

/** K of a tile, 0 on the diagonal and for near pairs, which are listed instead; adds ψ to the sums. */
function tileSlopes(run: PairwiseRun, tile: Tile, cosines: Float32Array, near: NearPair[]): Float32Array {
  const { count, sums } = run;
  const { first, size, start, height } = tile;
  // A tile of all rows holds each pair twice, so its upper triangle is enough.
  const symmetric = height === count;
  const slopes = new Float32Array(cosines.length);
  const visit = pairVisitor(run);
  for (let b = 0; b < size; b++) {
    const offset = (first + b) * count;
    let sum = 0;
    for (let row = 0; row < height; row++) {
      const i = start + row;
      const at = (b * height + row) * count;
      for (let j = symmetric ? i + 1 : 0; j < count; j++) {
        if (j === i) continue;
        const { value, slope, sign } = visit(cosines[at + j]!, offset + i, offset + j);
        sum += value;
        if (sign === 0) {
          slopes[at + j] = slope;
          if (symmetric) slopes[(b * height + j) * count + i] = slope;
        } else {
          near.push({ i: offset + i, j: offset + j, slope, sign });
          if (symmetric) near.push({ i: offset + j, j: offset + i, slope, sign });
        }
      }
    }
    sums[first + b]! += symmetric ? sum : sum / 2;
  }
  return slopes;
}

/** ‖x_i − sign·x_j‖² */
function squaredChord({ directions: { unitData }, dim }: PairwiseRun, i: number, j: number, sign: number): number {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += (unitData[i * dim + k]! - sign * unitData[j * dim + k]!) ** 2;
  return sum;
}

/** A near pair pulls along x_j − sign·x_i, whose difference keeps its digits. */
function addNearPair({ directions: { unitData }, dim, onDirections }: PairwiseRun, pair: NearPair): void {
  const { i, j, slope, sign } = pair;
  for (let k = 0; k < dim; k++) {
    onDirections[i * dim + k]! += slope * (unitData[j * dim + k]! - sign * unitData[i * dim + k]!);
  }
}

/**
 * φ(−x_iᵀx_i) of every neuron with its antipode. With ε > 0 it has a slope, and J(x) = x·(1 − xᵀx)/ρ is taken from ε/ρ²: for
 * long rows an angular κ is large, and would multiply the rounding of 1 − xᵀx.
 */
function addSelfTerms(
  { directions, count, dim }: PairwiseRun,
  { potential, space, population }: PairSpec,
  energy: Float64Array,
  gradient: Float32Array | undefined,
): void {
  const { normEpsilon, inverseNorms, unitData } = directions;
  const phi = potentialFunction(potential);
  const { self: weight } = pairWeights(count, space, population);
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  for (let i = 0; i < inverseNorms.length; i++) {
    const inverse = inverseNorms[i]!;
    // 1 − x_iᵀx_i = ε/ρ²; a row without direction has x_i = 0.
    const deficit = inverse === 0 ? 1 : normEpsilon * inverse * inverse;
    phi(4 - 2 * deficit, 2 * deficit, terms);
    energy[Math.floor(i / count)]! += weight * terms.value;
    if (!gradient || normEpsilon === 0 || deficit === 0) continue;
    const inward = 2 * weight * terms.slope * deficit * inverse;
    for (let k = i * dim; k < (i + 1) * dim; k++) gradient[k]! -= inward * unitData[k]!;
  }
}
