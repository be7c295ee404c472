/**
 * The pairwise energy with its gradient on the directions, and its Hessian product, tile by tile. Nothing of size N×N lives.
 */
import { PairwiseCommand, PairwiseFields, PairwiseProductCommand } from "../generated/assembly/command-fields";
import { commandAs, scratchOf } from "./command";
import { addGradient, cosines, packForCosines, packForGradients, packedSize } from "./gram";
import { NEAR_SQUARED, curvature, isTwoSided, psi, quickMode, slope, takesDifferences, usePair, value } from "./potential";
import { quickSpan, quickSum } from "./quick";
import { sum4, splat } from "./simd";
import {
  addDifference, beyondMask, columnMask, lane, laneMask, pairAddress, squaredChord, storeBlock,
} from "./slopes";
import {
  BENDS, BENDS_TURNED, NEAR, SLOPES, SLOPES_TURNED,
  blockAt, blockI, blockJ, countI, countJ, entry, nextTile, number, rowI, rowJ, side, tileDone, useTiles,
} from "./tiles";

/** A near pair in scratch memory: i and j within the tile, slope, bend, and ±1: near x_j or −x_j. */
const NEAR_BYTES: usize = 20;

// Of the current tile.
let scratch: usize = 0;
let dim: i32 = 0;
let xI: usize = 0;
let xJ: usize = 0;
/** Ẋ; 0 where there is no product. */
let dI: usize = 0;
let dJ: usize = 0;
/** ε, and the 1/ρ of the tile's rows, float64. */
let epsilon: f64 = 0;
let inversesI: usize = 0;
let inversesJ: usize = 0;
let nearCount: i32 = 0;
/** Σ ψ of the current row. */
let rowSum: v128 = i64x2.splat(0);
let nearSum: f64 = 0;
/** ψ″∘ċ of the pairs whose slopes `pairs` returned. */
let bend: v128 = i64x2.splat(0);

/** Σψ of each tile, and the gradient on X, without its weight. */
export function pairwise(thread: i32): void {
  const command = commandAs<PairwiseCommand>();
  const shared = command.pairs;
  usePairs(shared, thread);
  const x = shared.directions, g = command.gradient, energies = command.energies;
  const rows = shared.tiles.rows, tiles = shared.tiles.count;
  const forCosines = command.packedForCosines, forGradients = command.packedForGradients;
  dI = dJ = 0;
  while (nextTile()) {
    const first = entry * rows;
    const atI = <usize>(<u32>(first + rowI)) * <usize>dim << 2;
    const atJ = <usize>(<u32>(first + rowJ)) * <usize>dim << 2;
    xI = x + atI;
    xJ = x + atJ;
    inversesI = shared.inverses + (<usize>(first + rowI) << 3);
    inversesJ = shared.inverses + (<usize>(first + rowJ) << 3);
    const onDiagonal = blockI == blockJ;
    let cI: usize = 0, cJ: usize = 0, gI: usize = 0, gJ: usize = 0;
    if (forCosines != 0) {
      const blockBytes = packedSize(side, dim) << 2;
      cI = forCosines + blockAt(blockI) * blockBytes;
      cJ = forCosines + blockAt(blockJ) * blockBytes;
      gI = forGradients + blockAt(blockI) * blockBytes;
      gJ = forGradients + blockAt(blockJ) * blockBytes;
      // Every block meets itself before others.
      if (onDiagonal) {
        packForCosines(xI, countI, dim, cI);
        packForGradients(xI, countI, dim, gI);
      }
    }
    cosines(xI, cI, countI, xJ, cJ, countJ, dim, scratch + SLOPES, onDiagonal, false, scratch);
    const energy = toSlopes(onDiagonal);
    store<f64>(energies + (<usize>(entry * tiles + number) << 3), energy);
    addGradient(scratch + SLOPES_TURNED, xJ, gJ, countJ, g + atI, countI, dim, !onDiagonal, scratch);
    if (!onDiagonal) addGradient(scratch + SLOPES, xI, gI, countI, g + atJ, countJ, dim, true, scratch);
    addNearPairs(g + atI, g + atJ);
    tileDone();
  }
}

/** Reads what both commands share. */
function usePairs(shared: PairwiseFields, thread: i32): void {
  useTiles(shared.tiles);
  usePair(shared.pair);
  scratch = scratchOf(thread);
  dim = shared.dim;
  epsilon = shared.epsilon;
}

/** Ġ = (ψ″∘ċ)X + KẊ, ċ = ẊXᵀ + XẊᵀ */
export function pairwiseProduct(thread: i32): void {
  const command = commandAs<PairwiseProductCommand>();
  const shared = command.pairs;
  usePairs(shared, thread);
  const x = shared.directions, change = command.change, d = command.turned;
  const rows = shared.tiles.rows;
  while (nextTile()) {
    const first = entry * rows;
    const atI = <usize>(<u32>(first + rowI)) * <usize>dim << 2;
    const atJ = <usize>(<u32>(first + rowJ)) * <usize>dim << 2;
    xI = x + atI;
    xJ = x + atJ;
    inversesI = shared.inverses + (<usize>(first + rowI) << 3);
    inversesJ = shared.inverses + (<usize>(first + rowJ) << 3);
    dI = d + atI;
    dJ = d + atJ;
    const onDiagonal = blockI == blockJ;
    cosines(xI, 0, countI, xJ, 0, countJ, dim, scratch + SLOPES, onDiagonal, false, scratch);
    cosines(dI, 0, countI, xJ, 0, countJ, dim, scratch + BENDS, onDiagonal, false, scratch);
    cosines(xI, 0, countI, dJ, 0, countJ, dim, scratch + BENDS, onDiagonal, true, scratch);
    toSlopes(onDiagonal);
    addGradient(scratch + BENDS_TURNED, xJ, 0, countJ, change + atI, countI, dim, !onDiagonal, scratch);
    addGradient(scratch + SLOPES_TURNED, dJ, 0, countJ, change + atI, countI, dim, true, scratch);
    if (!onDiagonal) {
      addGradient(scratch + BENDS, xI, 0, countI, change + atJ, countJ, dim, true, scratch);
      addGradient(scratch + SLOPES, dI, 0, countI, change + atJ, countJ, dim, true, scratch);
    }
    addNearPairs(change + atI, change + atJ);
    tileDone();
  }
}

/** Cosines to slopes (and bends), in place and transposed; near pairs are listed instead. Returns Σ ψ. */
function toSlopes(diagonal: bool): f64 {
  const base = scratch + SLOPES, turned = scratch + SLOPES_TURNED;
  const bends = scratch + BENDS, bendsTurned = scratch + BENDS_TURNED;
  const product = dI != 0;
  let sum: f64 = 0;
  nearCount = 0;
  nearSum = 0;
  for (let i = 0; i < countI; i += 4) {
    let e0 = splat(0), e1 = splat(0), e2 = splat(0), e3 = splat(0);
    const quick = quickMode >= 0 && !product && i + 4 <= countI;
    for (let j = diagonal ? i : 0; j < countJ; j += 4) {
      if (quick && !(diagonal && j == i)) {
        j = quickSpan(quickMode, base, turned, i, j, countJ & ~3, diagonal);
        sum += quickSum;
        if (j >= countJ) break;
      }
      rowSum = e0;
      const k0 = pairs(i, j, diagonal);
      e0 = rowSum;
      const b0 = bend;
      rowSum = e1;
      const k1 = pairs(i + 1, j, diagonal);
      e1 = rowSum;
      const b1 = bend;
      rowSum = e2;
      const k2 = pairs(i + 2, j, diagonal);
      e2 = rowSum;
      const b2 = bend;
      rowSum = e3;
      const k3 = pairs(i + 3, j, diagonal);
      e3 = rowSum;
      const b3 = bend;
      storeBlock(base, turned, i, j, diagonal, k0, k1, k2, k3);
      if (product) storeBlock(bends, bendsTurned, i, j, diagonal, b0, b1, b2, b3);
    }
    sum += (sum4(e0) + sum4(e1)) + (sum4(e2) + sum4(e3));
  }
  return sum + nearSum;
}

/** Row i with four columns: returns ψ′, adds ψ to `rowSum`, leaves ψ″∘ċ in `bend`; 0 where there is no pair. */
function pairs(i: i32, j: i32, diagonal: bool): v128 {
  if (i >= countI) {
    bend = splat(0);
    return splat(0);
  }
  const twice = f32x4.mul(splat(2), v128.load(pairAddress(scratch + SLOPES, i, j)));
  let u = f32x4.sub(splat(2), twice), v = f32x4.add(splat(2), twice);
  let keep = columnMask(j, countJ);
  if (diagonal) keep = v128.and(keep, beyondMask(j, i));
  let near = f32x4.lt(u, splat(NEAR_SQUARED));
  if (isTwoSided) near = v128.or(near, f32x4.lt(v, splat(NEAR_SQUARED)));
  near = v128.and(near, keep);
  if (v128.any_true(near)) {
    const lanes = i32x4.bitmask(near);
    for (let n = 0; n < 4; n++) {
      if (!((lanes >> n) & 1)) continue;
      if (takesDifferences) {
        listNear(i, j + n, lane(u, n), lane(v, n));
      } else {
        const sign: f32 = lane(u, n) < lane(v, n) ? 1 : -1;
        const chord = splat(<f32>shrunkChord(i, j + n, sign));
        if (sign > 0) u = v128.bitselect(chord, u, laneMask(n));
        else v = v128.bitselect(chord, v, laneMask(n));
      }
    }
    if (takesDifferences) keep = v128.andnot(keep, near);
  }
  psi(u, v);
  rowSum = f32x4.add(rowSum, v128.and(value, keep));
  if (dI != 0) bend = v128.and(f32x4.mul(curvature, v128.load(pairAddress(scratch + BENDS, i, j))), keep);
  return v128.and(slope, keep);
}

/** With ε > 0: 2 − 2c = (1 − |x_i|²) + (1 − |x_j|²) + |x_i − x_j|², without cancellation (2 + 2c for sign −1). */
function shrunkChord(i: i32, j: i32, sign: f32): f64 {
  const rowBytes = <usize>dim << 2;
  const a = load<f64>(inversesI + (<usize>i << 3)), b = load<f64>(inversesJ + (<usize>j << 3));
  return epsilon * a * a + epsilon * b * b + squaredChord(xI + <usize>i * rowBytes, xJ + <usize>j * rowBytes, dim, sign);
}

/** Its chord, and ċ, from differences. */
function listNear(i: i32, j: i32, u: f32, v: f32): void {
  const rowBytes = <usize>dim << 2;
  const a = xI + <usize>i * rowBytes, b = xJ + <usize>j * rowBytes;
  const sign: f32 = u < v ? 1 : -1;
  const chord = <f32>squaredChord(a, b, dim, sign);
  if (sign > 0) psi(splat(chord), splat(v));
  else psi(splat(u), splat(chord));
  nearSum += <f64>lane(value, 0);
  let along: f64 = 0;
  if (dI != 0) {
    const da = dI + <usize>i * rowBytes, db = dJ + <usize>j * rowBytes;
    for (let k: usize = 0; k < rowBytes; k += 4) {
      along -= <f64>(load<f32>(a + k) - sign * load<f32>(b + k)) * <f64>(load<f32>(da + k) - sign * load<f32>(db + k));
    }
  }
  const at = scratch + NEAR + <usize>nearCount * NEAR_BYTES;
  nearCount++;
  store<i32>(at, i);
  store<i32>(at, j, 4);
  store<f32>(at, lane(slope, 0), 8);
  store<f32>(at, lane(curvature, 0) * sign * <f32>along, 12);
  store<f32>(at, sign, 16);
}

/** A near pair pulls along x_j − sign·x_i, whose difference keeps its digits. */
function addNearPairs(gI: usize, gJ: usize): void {
  const rowBytes = <usize>dim << 2;
  for (let n = 0; n < nearCount; n++) {
    const at = scratch + NEAR + <usize>n * NEAR_BYTES;
    const i = <usize>load<i32>(at) * rowBytes, j = <usize>load<i32>(at, 4) * rowBytes;
    const slopeOf = load<f32>(at, 8), bendOf = load<f32>(at, 12), sign = load<f32>(at, 16);
    if (dI == 0) {
      addDifference(gI + i, slopeOf, xJ + j, xI + i, dim, sign);
      addDifference(gJ + j, slopeOf, xI + i, xJ + j, dim, sign);
    } else {
      addDifference(gI + i, bendOf, xJ + j, xI + i, dim, sign);
      addDifference(gI + i, slopeOf, dJ + j, dI + i, dim, sign);
      addDifference(gJ + j, bendOf, xI + i, xJ + j, dim, sign);
      addDifference(gJ + j, slopeOf, dI + i, dJ + j, dim, sign);
    }
  }
}
