/**
 * A 32-bit word to a standard normal number, as float32: the quantile of (word + ½)/2³², rounded. Millions of these are
 * drawn at each refresh of random projections, so the quantile is read from a table of polynomials, at a fifth of its cost.
 * The bits don't depend on the table: where its error could change the rounding, the quantile itself decides.
 */
import { normalQuantile } from "./normal-quantile.js";

/** Octaves [2^(b−32), 2^(b−31)) of p for top bits b = 30 … 17; nearer the tail one word in 2¹⁴ takes the quantile. */
const lastBit = 17;
const octaves = 31 - lastBit;
/** Segments of an octave: a power of two. In a segment p changes by 1/128 of itself at most. */
const segmentBits = 7;
const segments = 1 << segmentBits;
const degree = 3;
const stride = degree + 1;

/** More than the table's error: were it not, `word-normal.test.ts` would find wrong bits. Where it leaves the rounding open, the quantile decides. */
const tolerance = 2e-11;

let table: Float64Array | undefined;

/** Fills `out[start … end)` from `words[first …]`. */
export function fillFromWords(out: Float32Array, start: number, end: number, words: Uint32Array, first: number): void {
  table ??= makeTable();
  const coefficients = table;
  for (let n = start, at = first; n < end; n++, at++) {
    const word = words[at]! | 0;
    // Φ⁻¹(1 − p) = −Φ⁻¹(p): the lower half serves both, without a branch that no predictor could guess.
    const upper = word >> 31;
    const lower = word ^ upper;
    const bit = 31 - Math.clz32(lower);
    if (bit >= lastBit) {
      const shift = bit - segmentBits;
      const x = (lower & ((1 << shift) - 1)) + 0.5;
      const c = ((bit - lastBit) * segments + (lower >>> shift) - segments) * stride;
      // The two brackets don't wait for each other.
      const linear = coefficients[c]! + x * coefficients[c + 1]!;
      const bend = coefficients[c + 2]! + x * coefficients[c + 3]!;
      const z = (linear + x * x * bend) * (1 + 2 * upper);
      const low = Math.fround(z - tolerance);
      if (low === Math.fround(z + tolerance)) {
        out[n] = low;
        continue;
      }
    }
    out[n] = normalQuantile((words[at]! + 0.5) / 2 ** 32);
  }
}

/**
 * For each segment the polynomial through the quantile at Chebyshev's nodes, lowest power first, in x: the number of words, and a
 * half, since the segment's first.
 */
function makeTable(): Float64Array {
  const nodes = Array.from({ length: stride }, (_, n) => 0.5 - 0.5 * chebyshev[n]!);
  const result = new Float64Array(octaves * segments * stride);
  for (let octave = 0; octave < octaves; octave++) {
    const words = 2 ** (octave + lastBit - segmentBits);
    const width = words / 2 ** 32;
    for (let segment = 0; segment < segments; segment++) {
      const values = nodes.map((t) => normalQuantile((segments + segment + t) * width));
      const inWords = interpolate(nodes, values).map((coefficient, power) => coefficient / words ** power);
      result.set(inWords, (octave * segments + segment) * stride);
    }
  }
  return result;
}

/** cos((2n + 1)π/8), to three digits: every engine has the same, and the polynomials are as good. */
const chebyshev = [0.924, 0.383, -0.383, -0.924];

/** Newton's divided differences, expanded to powers of t. */
function interpolate(nodes: readonly number[], values: readonly number[]): number[] {
  const divided = [...values];
  for (let order = 1; order < nodes.length; order++) {
    for (let n = nodes.length - 1; n >= order; n--) {
      divided[n] = (divided[n]! - divided[n - 1]!) / (nodes[n]! - nodes[n - order]!);
    }
  }
  const powers = new Array<number>(nodes.length).fill(0);
  for (let n = nodes.length - 1; n >= 0; n--) {
    // powers ← powers·(t − node) + divided
    for (let power = nodes.length - 1; power > 0; power--) {
      powers[power] = powers[power - 1]! - nodes[n]! * powers[power]!;
    }
    powers[0] = divided[n]! - nodes[n]! * powers[0]!;
  }
  return powers;
}
