/**
 * The most similar pairs, from lists of bounded length: a pass lists what comes before the last pair that is wanted so far. Where more do than the
 * list has room for, those that found room say what the last can be at most, and the pass is made again for the rest: each time fewer come before it.
 */
import type { SimilarPair } from "@comhe/core";

interface ListedPair {
  /** Bits of its gap: the smallest is the most similar. */
  readonly gap: number;
  readonly i: number;
  readonly j: number;
}

/** Comes behind every pair. */
const anyPair: ListedPair = { gap: 0xffffffff, i: 0xffffffff, j: 0xffffffff };

const inOrder = (a: ListedPair, b: ListedPair) => a.gap - b.gap || a.i - b.i || a.j - b.j;

export class SimilarList {
  private best: readonly ListedPair[] = [];
  /** The last pair that may still be among the most similar. */
  last: ListedPair = anyPair;
  /** Pairs that a list must have room for. */
  readonly room: number;

  constructor(private readonly limit: number) {
    this.room = limit === 0 ? 0 : Math.max(2 ** 14, 4 * limit);
  }

  /**
   * @param numbers those of the pairs that found room
   * @param met how many came before the last
   * @returns whether all of them found room; else nothing is kept, and the last is an earlier one
   */
  take(numbers: Uint32Array, met: number): boolean {
    const pairs = Array.from({ length: Math.min(met, this.room) }, (_, n): ListedPair => {
      return { gap: numbers[3 * n]!, i: numbers[3 * n + 1]!, j: numbers[3 * n + 2]! };
    });
    const fit = met <= this.room;
    const best = [...(fit ? this.best : []), ...pairs].sort(inOrder).slice(0, this.limit);
    if (fit) this.best = best;
    if (best.length === this.limit && inOrder(best.at(-1)!, this.last) < 0) this.last = best.at(-1)!;
    return fit;
  }

  /** Looks at pairs that will come again: they say what the last can be at most. */
  look(numbers: Uint32Array, met: number): true {
    const { best } = this;
    this.take(numbers, met);
    this.best = best;
    return true;
  }

  /** i and j of each, one behind the other. */
  pairs(): Uint32Array {
    return Uint32Array.from(this.best.flatMap(({ i, j }) => [i, j]));
  }
}

/** By how alike they are, then by i, then by j. */
export function sortSimilar(pairs: readonly SimilarPair[], isHalf: boolean): SimilarPair[] {
  const rank = ({ cosine }: SimilarPair) => (isHalf ? Math.abs(cosine) : cosine);
  return [...pairs].sort((a, b) => rank(b) - rank(a) || a.i - b.i || a.j - b.j);
}
