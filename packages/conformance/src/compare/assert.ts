/** Assertions that name what differs, and by how much. */

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Every entry within `allowed`; a NaN is never. */
export function assertWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  allowed: number,
  what: string,
): void {
  assert(actual.length === expected.length, `${what}: got ${actual.length} numbers, expected ${expected.length}`);
  let worst = 0;
  let at = -1;
  for (let n = 0; n < expected.length; n++) {
    const error = Math.abs(actual[n]! - expected[n]!);
    if (error <= worst) continue;
    worst = error;
    at = n;
    if (Number.isNaN(error)) break;
  }
  assert(
    worst <= allowed,
    `${what}: got ${actual[at]} at ${at}, expected ${expected[at]}; off by ${precise(worst)}, allowed ${precise(allowed)}`,
  );
}

/** Bit by bit, but for the sign of zero. */
export function assertIdentical(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assertWithin(actual, expected, 0, what);
}

export function assertFinite(values: ArrayLike<number>, what: string): void {
  for (let n = 0; n < values.length; n++) assert(Number.isFinite(values[n]), `${what}: got ${values[n]} at ${n}`);
}

function precise(value: number): string {
  return value.toPrecision(3);
}
