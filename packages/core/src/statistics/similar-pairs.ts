/**
 * The few most similar of many pairs, in whatever order they come: a binary heap whose root is the least of those kept. Pairs have a total
 * order (how alike they are, then i, then j), so that the outcome doesn't depend on the order in which tiles are visited.
 */
import type { SimilarPair } from "../backend/statistics.js";

/** A pair with what it is ranked by: its cosine, or |cosine| in half space. */
interface Ranked extends SimilarPair {
  readonly rank: number;
}

/** Whether `a` is kept before `b`. */
function before(a: Ranked, b: Ranked): boolean {
  if (a.rank !== b.rank) return a.rank > b.rank;
  return a.i !== b.i ? a.i < b.i : a.j < b.j;
}

export class SimilarPairs {
  private readonly heap: Ranked[] = [];

  constructor(private readonly limit: number) {}

  /** What a pair must rank at least, to be kept. */
  get threshold(): number {
    if (this.limit === 0) return Number.POSITIVE_INFINITY;
    return this.heap.length < this.limit ? Number.NEGATIVE_INFINITY : this.heap[0]!.rank;
  }

  add(i: number, j: number, cosine: number, rank: number): void {
    const pair: Ranked = { i, j, cosine, rank };
    const { heap, limit } = this;
    if (heap.length < limit) {
      heap.push(pair);
      this.rise(heap.length - 1);
    } else if (before(pair, heap[0]!)) {
      heap[0] = pair;
      this.sink(0);
    }
  }

  /** The most similar first. */
  sorted(): SimilarPair[] {
    return [...this.heap].sort((a, b) => (before(a, b) ? -1 : 1)).map(({ i, j, cosine }) => ({ i, j, cosine }));
  }

  private rise(at: number): void {
    const { heap } = this;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(heap[parent]!, heap[at]!)) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  private sink(at: number): void {
    const { heap } = this;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(heap[least]!, heap[child]!)) least = child;
      }
      if (least === at) return;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}
