/** Values of a graph: a name with a type and a shape, and what is known of shapes before data is there. */
import { EnergyError, type Shape } from "@comhe/core";

export type ElementType = "float" | "double" | "int32" | "int64" | "bool";

export interface Value {
  readonly name: string;
  readonly type: ElementType;
  /** `unknown` (NaN) for a length that only a run knows: it spreads through arithmetic as it should. */
  readonly shape: Shape;
}

export const unknown = Number.NaN;

export const isKnown = (length: number): boolean => !Number.isNaN(length);

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** NumPy's rule. Of a known and an unknown length that meet, the known one is the result's, but for a 1, which repeats. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x = 1, y = 1] = [a[axis - rank + a.length], b[axis - rank + b.length]];
    if (x === 1) return y;
    if (y === 1 || x === y || !isKnown(y)) return x;
    if (!isKnown(x)) return y;
    throw wrongShape(`shapes that broadcast together`, `[${a.join(", ")}] and [${b.join(", ")}]`);
  });
}

export function wrongShape(expected: string, got: string): EnergyError {
  return new EnergyError("invalid-shape", `Expected ${expected}, got ${got}.`);
}
