/**
 * Row by row, in float64: directions, the pullback J of a gradient through them, and what J's own derivative adds to a Hessian product.
 * They cost O(N·d) beside O(N²·d), so they are written for digits: squares of float32 numbers neither overflow nor vanish in float64.
 */
import {
  DirectionsCommand, InnerProductsCommand, ProductRowsCommand, PullbackCommand,
} from "../generated/assembly/command-fields";
import { claim, commandAs } from "./command";
import { curvature, phi, slope, usePair, value } from "./potential";
import { splat } from "./simd";
import { lane } from "./slopes";

/** Rows that a thread claims at once. */
const AT_ONCE = 64;
/** float32's smallest normal number: a row below it counts as zero, as on the other backends. */
const SMALLEST: f64 = 1.1754943508222875e-38;

/** Below it a self term's share, which shrinks as √deficit, is nothing, while κ leaves float32. */
const LEAST_DEFICIT: f64 = 1e-30;

// @ts-ignore: decorator
@inline function lowHalf(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
// @ts-ignore: decorator
@inline function highHalf(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 0)); }
// @ts-ignore: decorator
@inline function total(x: v128): f64 { return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1); }
// @ts-ignore: decorator
@inline function toSingle(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

/** Σ a·b of two rows of float32 numbers, in float64. */
export function dot(a: usize, b: usize, dim: i32): f64 {
  let first = f64x2.splat(0), second = f64x2.splat(0);
  let k: usize = 0;
  for (const end = <usize>(dim & ~3) << 2; k < end; k += 16) {
    const x = v128.load(a + k), y = v128.load(b + k);
    first = f64x2.add(first, f64x2.mul(lowHalf(x), lowHalf(y)));
    second = f64x2.add(second, f64x2.mul(highHalf(x), highHalf(y)));
  }
  let sum = total(f64x2.add(first, second));
  for (const end = <usize>dim << 2; k < end; k += 4) sum += <f64>load<f32>(a + k) * <f64>load<f32>(b + k);
  return sum;
}

function largestOf(row: usize, dim: i32): f64 {
  let largest: f32 = 0;
  for (let k: usize = 0, end = <usize>dim << 2; k < end; k += 4) largest = max(largest, abs(load<f32>(row + k)));
  return <f64>largest;
}

/** to = s·a + t·b, rows, in float64. */
function combineRows(to: usize, s: f64, a: usize, t: f64, b: usize, dim: i32): void {
  const ss = f64x2.splat(s), tt = f64x2.splat(t);
  let k: usize = 0;
  for (const end = <usize>(dim & ~3) << 2; k < end; k += 16) {
    const x = v128.load(a + k), y = v128.load(b + k);
    const l = f64x2.add(f64x2.mul(ss, lowHalf(x)), f64x2.mul(tt, lowHalf(y)));
    const h = f64x2.add(f64x2.mul(ss, highHalf(x)), f64x2.mul(tt, highHalf(y)));
    v128.store(to + k, toSingle(l, h));
  }
  for (const end = <usize>dim << 2; k < end; k += 4) {
    store<f32>(to + k, <f32>(s * <f64>load<f32>(a + k) + t * <f64>load<f32>(b + k)));
  }
}

function clear(to: usize, dim: i32): void { memory.fill(to, 0, <usize>dim << 2); }

/** X = W/ρ, ρ = √(‖w‖² + ε). Rows without direction: x = 0, 1/ρ = 0. */
export function directions(_thread: i32): void {
  const command = commandAs<DirectionsCommand>();
  const rows = command.rows, dim = command.dim;
  const w = command.from, x = command.directions, inverses = command.inverses;
  const epsilon = command.epsilon;
  const rowBytes = <usize>dim << 2;
  for (let first = claim() * AT_ONCE; first < rows; first = claim() * AT_ONCE) {
    for (let i = first, last = min(rows, first + AT_ONCE); i < last; i++) {
      const from = w + <usize>i * rowBytes, to = x + <usize>i * rowBytes;
      const square = dot(from, from, dim) + epsilon;
      const dead = epsilon == 0 && (square == 0 || (square < 1e-60 && largestOf(from, dim) < SMALLEST));
      const inverse = dead ? 0 : 1 / sqrt(square);
      store<f64>(inverses + (<usize>i << 3), inverse);
      if (dead) clear(to, dim);
      else combineRows(to, inverse, from, 0, from, dim);
    }
  }
}

/** 1 − x_iᵀx_i = ε/ρ², without cancellation; a row without direction has x = 0. */
// @ts-ignore: decorator
@inline function deficitOf(epsilon: f64, inverse: f64): f64 { return inverse == 0 ? 1 : epsilon * inverse * inverse; }

/** κ and φ″ of a neuron with its antipode, float32 in `slope` and `curvature`, as in core's reference backend. */
function selfTerms(deficit: f64): void { phi(splat(<f32>(4 - 2 * deficit)), splat(<f32>(2 * deficit))); }

/** J(g)·scale, g in place or to elsewhere: (g − x(xᵀg))·scale/ρ, with the self terms of half space where there are any. */
export function pullback(_thread: i32): void {
  const command = commandAs<PullbackCommand>();
  const pulled = command.rows;
  const rows = pulled.rows, dim = pulled.dim;
  const g = command.from, x = pulled.directions, inverses = pulled.inverses, to = command.to;
  const common = pulled.scale, scales = pulled.scales, perEntry = pulled.rowsOfEntry, alongs = command.along;
  const selfWeight = pulled.selfTerms.weight, epsilon = pulled.epsilon, selfEnergies = pulled.selfTerms.energies;
  if (selfWeight != 0) usePair(pulled.selfTerms.pair);
  const rowBytes = <usize>dim << 2;
  for (let first = claim() * AT_ONCE; first < rows; first = claim() * AT_ONCE) {
    for (let i = first, last = min(rows, first + AT_ONCE); i < last; i++) {
      const at = <usize>i * rowBytes;
      const inverse = load<f64>(inverses + (<usize>i << 3));
      const scale = scales == 0 ? common : common * load<f64>(scales + (<usize>(i / perEntry) << 3));
      let along = scale * dot(x + at, g + at, dim);
      let pull = along;
      if (selfWeight != 0) {
        const deficit = deficitOf(epsilon, inverse);
        selfTerms(deficit);
        if (selfEnergies != 0) store<f64>(selfEnergies + (<usize>i << 3), <f64>lane(value, 0));
        if (deficit > LEAST_DEFICIT) pull += selfWeight * <f64>lane(slope, 0) * deficit;
      }
      if (inverse == 0) clear(to + at, dim);
      else combineRows(to + at, scale * inverse, g + at, -pull * inverse, x + at, dim);
      if (alongs != 0) store<f64>(alongs + (<usize>i << 3), pull);
    }
  }
}

/**
 * H[V] = J(Ġ) + Q(G, V), row by row, in place of Ġ. G = ρ·grad + along·x is recovered from what `pullback` left.
 *
 * Q(G, V) = −[(x·G)V′ + (x·V′)G + (G·V′ − 3(x·G)(x·V′))x]/ρ, V′ = V/ρ.
 */
export function productRows(_thread: i32): void {
  const command = commandAs<ProductRowsCommand>();
  const pulled = command.rows;
  const rows = pulled.rows, dim = pulled.dim;
  const change = command.change, x = pulled.directions, inverses = pulled.inverses, v = command.vector;
  const common = pulled.scale, scales = pulled.scales, perEntry = pulled.rowsOfEntry, alongs = command.along;
  const selfWeight = pulled.selfTerms.weight, epsilon = pulled.epsilon, gradient = command.gradient, turns = command.turns;
  if (selfWeight != 0) usePair(pulled.selfTerms.pair);
  const rowBytes = <usize>dim << 2;
  for (let first = claim() * AT_ONCE; first < rows; first = claim() * AT_ONCE) {
    for (let i = first, last = min(rows, first + AT_ONCE); i < last; i++) {
      const at = <usize>i * rowBytes;
      const inverse = load<f64>(inverses + (<usize>i << 3));
      if (inverse == 0) {
        clear(change + at, dim);
        continue;
      }
      const rho = 1 / inverse;
      const scale = scales == 0 ? common : common * load<f64>(scales + (<usize>(i / perEntry) << 3));
      const turn = turns == 0 ? 0 : load<f64>(turns + (<usize>(i / perEntry) << 3));
      const deficit = deficitOf(epsilon, inverse);
      const xx = 1 - deficit;
      const kept = load<f64>(alongs + (<usize>i << 3));
      const xGrad = dot(x + at, gradient + at, dim);
      const xV = dot(x + at, v + at, dim) * inverse;
      const gradV = dot(gradient + at, v + at, dim);
      // Without the self terms, whose share has its own derivative below.
      let self: f64 = 0, selfAlong: f64 = 0;
      if (selfWeight != 0 && deficit > LEAST_DEFICIT) {
        selfTerms(deficit);
        const kappa = <f64>lane(slope, 0);
        const weighted = selfWeight * deficit * inverse;
        self = weighted * kappa;
        selfAlong = weighted * (3 * kappa + 2 * <f64>lane(curvature, 0) * deficit) * xV;
      }
      // G = ρ·grad + kept·x
      const xG = rho * xGrad + kept * xx;
      const gV = gradV + kept * xV;
      const pulled = scale * dot(x + at, change + at, dim);
      // Coefficients of the four rows Ġ, x, V and grad.
      const ofX = -inverse * (pulled + xV * kept + gV - 3 * xG * xV);
      const ofV = -inverse * inverse * xG;
      const ofGradient = -xV - turn;
      // J(V) = (V − ρ·xV·x)/ρ of the self terms
      combine4(change + at, scale * inverse, x + at, ofX + self * xV + selfAlong, v + at, ofV - self * inverse, gradient + at, ofGradient, dim);
    }
  }
}

/** to = s·to + a·x + b·v + c·g */
function combine4(to: usize, s: f64, x: usize, a: f64, v: usize, b: f64, g: usize, c: f64, dim: i32): void {
  for (let k: usize = 0, end = <usize>dim << 2; k < end; k += 4) {
    const sum = s * <f64>load<f32>(to + k) + a * <f64>load<f32>(x + k) + b * <f64>load<f32>(v + k) + c * <f64>load<f32>(g + k);
    store<f32>(to + k, <f32>sum);
  }
}

/** ⟨A, B⟩ of each batch entry. */
export function innerProducts(_thread: i32): void {
  const command = commandAs<InnerProductsCommand>();
  const batch = command.batch, size = command.size;
  for (let c = claim(); c < batch; c = claim()) {
    const at = <usize>c * <usize>size << 2;
    store<f64>(command.to + (<usize>c << 3), dot(command.a + at, command.b + at, size));
  }
}
