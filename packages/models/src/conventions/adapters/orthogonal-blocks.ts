/**
 * How far an OFT adapter's matrix is from orthogonal. It is made of skew-symmetric blocks Q, by Cayley's map
 * R = (I − Q)(I + Q)⁻¹, which is orthogonal whatever Q is, or by that map's first terms, I + 2Q + 2Q² + … + Qⁿ⁻¹ (Qiu et al. 2025,
 * arXiv 2506.19847), which is so only as far as Q is small. Angles between neurons stay what they are as far as R is orthogonal.
 */
import { sizeOf } from "../../layer-source.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";

/** More multiplications than this aren't spent on a note. */
const mostProducts = 2 ** 30;

/**
 * The largest entry of RᵀR − I over all blocks; `undefined` where the blocks are too large to look.
 *
 * @param weight [blocks, b·(b − 1)/2]: each block's entries above the diagonal, row by row
 * @param terms of the series
 */
export async function departure(weight: StoredTensor, terms: number): Promise<number | undefined> {
  const [blocks, entries] = weight.shape as [number, number];
  const size = Math.round((1 + Math.sqrt(1 + 8 * entries)) / 2);
  if (blocks * terms * size ** 3 > mostProducts || (size * (size - 1)) / 2 !== entries) return undefined;
  const values = await weight.read(0, sizeOf(weight.shape));
  let largest = 0;
  for (let block = 0; block < blocks; block++) {
    const matrix = cayleySeries(skew(values.subarray(block * entries, (block + 1) * entries), size), size, terms);
    const gram = product(transpose(matrix, size), matrix, size);
    for (let n = 0; n < gram.length; n++) {
      largest = Math.max(largest, Math.abs(gram[n]! - (n % (size + 1) === 0 ? 1 : 0)));
    }
  }
  return largest;
}

/** Q of its entries above the diagonal. */
export function skew(above: ArrayLike<number>, size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  let n = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++, n++) {
      matrix[i * size + j] = above[n]!;
      matrix[j * size + i] = -above[n]!;
    }
  }
  return matrix;
}

/** I + 2Q + 2Q² + … + Qⁿ⁻¹, whose last term counts once: as PEFT has it, which takes three terms for four. */
export function cayleySeries(q: Float64Array, size: number, terms: number): Float64Array {
  const result = identity(size);
  const count = terms === 3 ? 4 : terms;
  let power = q;
  for (let term = 1; term < count; term++) {
    if (term > 1) power = product(power, q, size);
    const factor = term > 1 && term === count - 1 ? 1 : 2;
    for (let n = 0; n < result.length; n++) result[n]! += factor * power[n]!;
  }
  return result;
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, n) => (n % (size + 1) === 0 ? 1 : 0));
}

function transpose(matrix: Float64Array, size: number): Float64Array {
  return Float64Array.from(matrix, (_, n) => matrix[(n % size) * size + Math.floor(n / size)]!);
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      for (let j = 0; j < size; j++) result[i * size + j]! += factor * b[k * size + j]!;
    }
  }
  return result;
}
