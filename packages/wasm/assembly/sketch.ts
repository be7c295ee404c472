/** Structured random projections of rows, without dense matrices; see `packages/core/src/random/sketch.ts`. */
import { SketchCommand } from "../generated/assembly/command-fields";
import { claim, commandAs, scratchOf } from "./command";
import { splat } from "./simd";

/** In place, unnormalized: x ← H x with H entries ±1; `size` a power of two. */
function walshHadamard(x: usize, size: i32): void {
  if (size >= 4) {
    // The first two rounds within vectors: halves 1 and 2.
    for (let k: usize = 0, end = <usize>size << 2; k < end; k += 16) {
      const a = v128.load(x + k);
      const pairs = f32x4.add(v128.shuffle<f32>(a, a, 1, 0, 3, 2), v128.xor(a, i32x4(0, 0x80000000, 0, 0x80000000)));
      v128.store(x + k, f32x4.add(v128.shuffle<f32>(pairs, pairs, 2, 3, 0, 1), v128.xor(pairs, i32x4(0, 0, 0x80000000, 0x80000000))));
    }
  } else if (size == 2) {
    const a = load<f32>(x), b = load<f32>(x, 4);
    store<f32>(x, a + b);
    store<f32>(x, a - b, 4);
  }
  for (let half = 4; half < size; half *= 2) {
    const apart = <usize>half << 2;
    for (let start = 0; start < size; start += 2 * half) {
      for (let at = x + (<usize>start << 2), end = at + apart; at < end; at += 16) {
        const a = v128.load(at), b = v128.load(at + apart);
        v128.store(at, f32x4.add(a, b));
        v128.store(at + apart, f32x4.sub(a, b));
      }
    }
  }
}

// @ts-ignore: decorator
@inline function at(base: usize, n: i32): usize { return base + (<usize>(<u32>n) << 2); }

/** to = (add ? to : 0) + a∘b */
function multiplyRun(to: usize, a: usize, b: usize, count: i32, add: bool): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const product = f32x4.mul(v128.load(at(a, k)), v128.load(at(b, k)));
    v128.store(at(to, k), add ? f32x4.add(product, v128.load(at(to, k))) : product);
  }
  for (; k < count; k++) {
    const product = load<f32>(at(a, k)) * load<f32>(at(b, k));
    store<f32>(at(to, k), add ? load<f32>(at(to, k)) + product : product);
  }
}

/** Y_c = W P_cᵀ, or back: W = Σ_c Y_c P_c. */
export function sketch(thread: i32): void {
  const command = commandAs<SketchCommand>();
  const isHadamard = command.isHadamard, isBack = command.isBack;
  const rows = command.rows;
  for (let i = claim(); i < rows; i = claim()) {
    if (isHadamard) hadamardRow(i, scratchOf(thread), isBack);
    else countRow(i, isBack);
  }
}

function hadamardRow(i: i32, work: usize, isBack: bool): void {
  const command = commandAs<SketchCommand>();
  const rows = command.rows, dim = command.dim, count = command.count, k = command.dimension;
  const padded = command.padded, shared = command.shared;
  const row = at(command.from, i * dim), signs = command.signs, index = command.index;
  for (let first = 0, t = 0; first < count; first += shared, t++) {
    const last = min(count, first + shared);
    memory.fill(work, 0, <usize>padded << 2);
    if (!isBack) {
      multiplyRun(work, row, at(signs, t * padded), dim, false);
      walshHadamard(work, padded);
    }
    for (let c = first; c < last; c++) {
      const y = at(command.projected, (c * rows + i) * k), chosen = at(index, c * k);
      for (let r = 0; r < k; r++) {
        const entry = at(work, load<i32>(at(chosen, r)));
        if (isBack) store<f32>(entry, load<f32>(entry) + load<f32>(at(y, r)));
        else store<f32>(at(y, r), load<f32>(entry));
      }
    }
    if (isBack) {
      walshHadamard(work, padded);
      multiplyRun(row, work, at(signs, t * padded), dim, t > 0);
    }
  }
}

function countRow(i: i32, isBack: bool): void {
  const command = commandAs<SketchCommand>();
  const rows = command.rows, dim = command.dim, count = command.count, k = command.dimension;
  const row = at(command.from, i * dim);
  if (isBack) memory.fill(row, 0, <usize>dim << 2);
  for (let c = 0; c < count; c++) {
    const y = at(command.projected, (c * rows + i) * k), signs = at(command.signs, c * dim), index = at(command.index, c * dim);
    if (!isBack) memory.fill(y, 0, <usize>k << 2);
    for (let j = 0; j < dim; j++) {
      const bucket = at(y, load<i32>(at(index, j))), entry = at(row, j), sign = load<f32>(at(signs, j));
      if (isBack) store<f32>(entry, load<f32>(entry) + sign * load<f32>(bucket));
      else store<f32>(bucket, load<f32>(bucket) + sign * load<f32>(entry));
    }
  }
}
