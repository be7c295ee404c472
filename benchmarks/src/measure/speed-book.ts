/** How fast each candidate was at its best: what it would take for a larger case, before it is tried. */
export class SpeedBook {
  readonly #milliseconds = new Map<string, number>();

  /** @param flops nominal ones, of the case it was timed on; below {@link smallestTelling} nothing is learnt from it */
  note(candidate: string, flops: number, milliseconds: number): void {
    if (flops < smallestTelling) return;
    const known = this.#milliseconds.get(candidate) ?? Number.POSITIVE_INFINITY;
    this.#milliseconds.set(candidate, Math.min(known, milliseconds / flops));
  }

  /** Milliseconds; 0 where nothing is known. */
  expect(candidate: string, flops: number): number {
    return (this.#milliseconds.get(candidate) ?? 0) * flops;
  }
}

/** Smaller cases are all overhead. */
const smallestTelling = 1e8;
