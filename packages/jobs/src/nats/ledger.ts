/** What whoever waits for a plan knows of its pieces: which have results here, which were given up, who doesn't take part. */
import type { DeadPiece, Refusal } from "./messages.js";

/** Counts pieces, each once. */
export class Ledger {
  /** Pieces by name. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Pieces that were given up, by number. */
  readonly dead = new Map<number, DeadPiece>();
  /** Workers that don't take part, by the key of their note. */
  readonly refusals = new Map<string, Refusal>();
  readonly #have: Uint8Array;
  #done = 0;
  #lastNews = Date.now();

  /** @param pieces names, in the plan's order */
  constructor(pieces: readonly string[]) {
    this.numbers = new Map(pieces.map((piece, number) => [piece, number]));
    this.#have = new Uint8Array(pieces.length);
  }

  get count(): number {
    return this.#have.length;
  }

  /** Pieces that have results. */
  get done(): number {
    return this.#done;
  }

  has(number: number): boolean {
    return this.#have[number] === 1;
  }

  mark(number: number): void {
    if (this.has(number)) return;
    this.#have[number] = 1;
    this.#done++;
    this.noteNews();
  }

  /** Something happened: nobody needs to look for what was forgotten yet. */
  noteNews(): void {
    this.#lastNews = Date.now();
  }

  /** Milliseconds since something happened. */
  quietFor(): number {
    return Date.now() - this.#lastNews;
  }

  /** Pieces that were given up, and that nobody did afterwards. */
  failed(): readonly DeadPiece[] {
    return [...this.dead.values()].filter(({ number }) => !this.has(number));
  }

  /** Pieces that are neither done nor given up. */
  missing(): number {
    return this.count - this.#done - this.failed().length;
  }

  finished(): boolean {
    return this.missing() <= 0;
  }

  /** Pieces that are neither done nor given up. */
  *open(): Generator<number> {
    for (let number = 0; number < this.count; number++) {
      if (!this.has(number) && !this.dead.has(number)) yield number;
    }
  }
}
