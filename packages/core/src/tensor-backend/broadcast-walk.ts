/** How kernels walk arrays of any rank along the three axes that a device's threads have: axes that go together are merged, until three are left. */
import type { Shape } from "../backend/arrays.js";

/** Lengths, or distances in memory, along three axes, the innermost first. */
export type Triple = readonly [x: number, y: number, z: number];

/** How a kernel with three axes of threads walks over its operands. */
export interface Walk {
  /** How many steps there are along each axis. */
  readonly extent: Triple;
  /** For each operand, how far apart its numbers lie along each axis; 0 where it broadcasts. */
  readonly strides: readonly Triple[];
}

/** How far apart an array's numbers lie in memory along each of its axes, row major; 0 along axes of length 1, where it broadcasts. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides.unshift(shape[axis] === 1 ? 0 : stride);
    stride *= shape[axis]!;
  }
  return strides;
}

/** The shape that operands of these shapes broadcast to, by the rules of NumPy. */
export function broadcastShape(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
}

/**
 * The walk of operands over the shape that they broadcast to.
 *
 * @param shape what {@link broadcastShape} gives
 * @param operands the shape of each operand
 * @throws Error where more than three axes are left when those that go together are merged
 */
export function broadcastWalk(shape: Shape, operands: readonly Shape[]): Walk {
  const padded = operands.map((operand) => [
    ...new Array<number>(shape.length - operand.length).fill(0),
    ...stridesOf(operand),
  ]);
  return walk(shape, padded);
}

/**
 * The walk of operands over a shape, by strides of one's own.
 *
 * @param strides for each operand, how far apart its numbers lie along each axis of `shape`
 * @throws Error where more than three axes are left when those that go together are merged
 */
export function walk(shape: Shape, strides: readonly (readonly number[])[]): Walk {
  const axes: { length: number; strides: number[] }[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const own = strides.map((each) => each[axis]!);
    const last = axes.at(-1);
    // The axis before goes on where this one ends.
    if (last?.strides.every((stride, n) => stride === own[n]! * length)) {
      last.length *= length;
      last.strides = own;
    } else axes.push({ length, strides: own });
  });
  if (axes.length > 3)
    throw new Error(
      `Expected shapes that broadcast along at most 3 axes, got ${axes.length} for [${shape.join(", ")}].`,
    );
  while (axes.length < 3) axes.unshift({ length: 1, strides: strides.map(() => 0) });
  const [z, y, x] = axes as [(typeof axes)[0], (typeof axes)[0], (typeof axes)[0]];
  return {
    extent: [x.length, y.length, z.length],
    strides: strides.map((_, n) => [x.strides[n]!, y.strides[n]!, z.strides[n]!]),
  };
}
