/** 97.5 % quantile of Student's t, by the Cornish–Fisher expansion in 1/ν: within 0.5 % from ν = 3 on. */
export function studentQuantile(degreesOfFreedom: number): number {
  const z = 1.959963984540054;
  const v = Math.max(3, degreesOfFreedom);
  if (!Number.isFinite(v)) return z;
  const z3 = z ** 3;
  const z5 = z ** 5;
  const z7 = z ** 7;
  return (
    z +
    (z3 + z) / (4 * v) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * v ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v ** 3) +
    (79 * z ** 9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92160 * v ** 4)
  );
}
