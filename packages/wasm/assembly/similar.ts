/**
 * The most similar pairs that a thread has met, in a binary heap whose root is the least of them; see
 * `packages/core/src/statistics/similar-pairs.ts`. Pairs have a total order, so that what all threads have together holds the same pairs
 * whatever the number of threads.
 */

/** What a pair ranks at, its cosine (float64), then i and j (int32). */
const PAIR_BYTES: usize = 24;

let heap: usize = 0;
let length: usize = 0;
let limit: i32 = 0;

/** What a pair must rank at least, to be kept. */
export let similarThreshold: f64 = Infinity;

/** From now on pairs go to the heap with this number: `limit` pairs in `heaps`, and how many there are in `counts` (int32). */
export function useSimilar(heaps: usize, counts: usize, most: i32, number: i32): void {
  limit = most;
  heap = heaps + <usize>number * <usize>most * PAIR_BYTES;
  length = counts + (<usize>number << 2);
  setThreshold();
}

function setThreshold(): void {
  if (limit == 0) similarThreshold = Infinity;
  else similarThreshold = load<i32>(length) < limit ? -Infinity : load<f64>(heap);
}

// @ts-ignore: decorator
@inline function at(n: i32): usize { return heap + <usize>n * PAIR_BYTES; }

/** Whether pair a is kept before pair b. */
function isBefore(a: usize, b: usize): bool {
  const rankA = load<f64>(a), rankB = load<f64>(b);
  if (rankA != rankB) return rankA > rankB;
  const iA = load<i32>(a, 16), iB = load<i32>(b, 16);
  return iA != iB ? iA < iB : load<i32>(a, 20) < load<i32>(b, 20);
}

function swap(a: usize, b: usize): void {
  for (let k: usize = 0; k < PAIR_BYTES; k += 8) {
    const word = load<i64>(a + k);
    store<i64>(a + k, load<i64>(b + k));
    store<i64>(b + k, word);
  }
}

function write(to: usize, i: i32, j: i32, cosine: f64, rank: f64): void {
  store<f64>(to, rank);
  store<f64>(to, cosine, 8);
  store<i32>(to, i, 16);
  store<i32>(to, j, 20);
}

/** Takes in a pair, i < j, that ranks at `similarThreshold` or above. */
export function keepSimilar(i: i32, j: i32, cosine: f64, rank: f64): void {
  const count = load<i32>(length);
  if (count < limit) {
    write(at(count), i, j, cosine, rank);
    store<i32>(length, count + 1);
    for (let n = count; n > 0;) {
      const parent = (n - 1) >> 1;
      if (!isBefore(at(parent), at(n))) break;
      swap(at(parent), at(n));
      n = parent;
    }
  } else {
    const least = at(0);
    const rankLeast = load<f64>(least), iLeast = load<i32>(least, 16);
    if (rank == rankLeast && (i > iLeast || (i == iLeast && j > load<i32>(least, 20)))) return;
    write(least, i, j, cosine, rank);
    for (let n = 0;;) {
      let lowest = n;
      if (2 * n + 1 < count && isBefore(at(lowest), at(2 * n + 1))) lowest = 2 * n + 1;
      if (2 * n + 2 < count && isBefore(at(lowest), at(2 * n + 2))) lowest = 2 * n + 2;
      if (lowest == n) break;
      swap(at(lowest), at(n));
      n = lowest;
    }
  }
  setThreshold();
}
