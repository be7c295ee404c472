/** Directions with 1/ρ in float64, which everything that pulls back needs. */
import type { Directions } from "@comhe/core";
import { makeUnwritten, type NativeArray, sizes } from "./arrays.js";
import type { Context } from "./context.js";

export interface NativeDirections extends Directions<NativeArray> {
  /** `[batch·N]`; 0 for a row without direction. */
  readonly inverses: Float64Array;
  /** For commands that make directions themselves, where they aren't made already, in memory that lasts no longer than the call. */
  forOnce(): { readonly rows: NativeArray; readonly inverses: Float64Array | undefined };
  /** For whoever can scale rows while reading them: the directions where they are made already, else the rows, without making an array of their size. */
  asTheyAre(): { readonly rows: NativeArray; readonly inverses: Float64Array; readonly isScaled: boolean };
}

export function directions(context: Context, rows: NativeArray, normEpsilon: number): NativeDirections {
  return new RowDirections(context, rows, normEpsilon);
}

/**
 * Of the caller's own rows, which stay as they are until the results are there, directions are made when they are first asked for; other rows may
 * be given away and changed before.
 */
class RowDirections implements NativeDirections {
  private made: NativeArray | undefined;
  private lengths: Float64Array | undefined;

  constructor(
    private readonly context: Context,
    private readonly rows: NativeArray,
    readonly normEpsilon: number,
  ) {
    if (!rows.isBorrowed) void this.unit;
  }

  get unit(): NativeArray {
    this.made ??= this.compute(makeUnwritten(this.rows.shape));
    return this.made;
  }

  get inverses(): Float64Array {
    if (!this.made) void this.unit;
    return this.lengths!;
  }

  forOnce(): ReturnType<NativeDirections["forOnce"]> {
    return this.made ? { rows: this.made, inverses: this.lengths } : { rows: this.rows, inverses: undefined };
  }

  asTheyAre(): ReturnType<NativeDirections["asTheyAre"]> {
    if (!this.lengths) this.compute(undefined);
    return { rows: this.made ?? this.rows, inverses: this.lengths!, isScaled: this.made !== undefined };
  }

  private compute<T extends NativeArray | undefined>(unit: T): T {
    const { context, rows, normEpsilon } = this;
    const [batch, count, dim] = sizes(rows);
    this.lengths = new Float64Array(batch * count);
    context.run("directions", [batch * count, dim, normEpsilon], rows.data, unit?.data, this.lengths);
    return unit;
  }
}

/** What commands read of a set of rows: batch, rows, columns, ε. */
export function setNumbers(of: NativeDirections): readonly number[] {
  return [...sizes(of.forOnce().rows), of.normEpsilon];
}
