/** Sets of rows that pairs join one to another: a chain of pairs makes one set of all that it passes (union–find). */
export class RowSets {
  private readonly parent = new Map<number, number>();

  /** The least row of the set that a row is in. */
  rootOf(row: number): number {
    let at = row;
    for (let next = this.parent.get(at); next !== undefined && next !== at; next = this.parent.get(at)) at = next;
    // What lies on the way points to the end from now on, so that ways stay short.
    for (let step = row; step !== at; ) {
      const next = this.parent.get(step)!;
      this.parent.set(step, at);
      step = next;
    }
    return at;
  }

  /** Whether they weren't in one set before. */
  join(a: number, b: number): boolean {
    const [first, second] = [this.rootOf(a), this.rootOf(b)];
    this.parent.set(first, first);
    if (first === second) return false;
    this.parent.set(Math.max(first, second), Math.min(first, second));
    this.parent.set(Math.min(first, second), Math.min(first, second));
    return true;
  }

  /** All sets that were joined, largest first; rows ascend. */
  all(): number[][] {
    const sets = new Map<number, number[]>();
    for (const row of [...this.parent.keys()].sort((a, b) => a - b)) {
      const first = this.rootOf(row);
      const set = sets.get(first);
      if (set) set.push(row);
      else sets.set(first, [row]);
    }
    return [...sets.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!);
  }
}

/** The sets that these pairs make, largest first; rows ascend. */
export function joinRows(pairs: Iterable<readonly [a: number, b: number]>): number[][] {
  const sets = new RowSets();
  for (const [a, b] of pairs) sets.join(a, b);
  return sets.all();
}
