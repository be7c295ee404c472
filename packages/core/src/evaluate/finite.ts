import type { Backend, FloatArray } from "../backend/backend.js";

/** Whether all numbers are finite, as the backend sees it where it looks by itself. */
export function areFinite(data: FloatArray, backend?: Pick<Backend<never>, "allFinite">): boolean {
  return backend?.allFinite ? backend.allFinite(data) : isFiniteRange(data);
}

/**
 * Whether all numbers from `start` up to `end` are finite. 0·x is NaN just where x isn't; eight sums, so that an addition doesn't
 * wait for the one before, each declared alone, since destructuring an array keeps V8 from holding them in registers. Weights and
 * gradients of millions of entries go through here at every step, on one thread.
 */
export function isFiniteRange(data: FloatArray, start = 0, end = data.length): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    a += 0 * data[at]!;
    b += 0 * data[at + 1]!;
    c += 0 * data[at + 2]!;
    d += 0 * data[at + 3]!;
    e += 0 * data[at + 4]!;
    f += 0 * data[at + 5]!;
    g += 0 * data[at + 6]!;
    h += 0 * data[at + 7]!;
  }
  for (; at < end; at++) a += 0 * data[at]!;
  return a + b + c + d + e + f + g + h === 0;
}
