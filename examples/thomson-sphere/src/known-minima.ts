/** The least energies known, from `test/golden/thomson.json`: Thomson's problem (s = 1), Whyte's (s = 0), and s = 2. */
import golden from "../../../test/golden/thomson.json";

const tables: Readonly<Record<number, readonly { readonly N: number; readonly value: number }[]>> = {
  0: golden.whyte_s0,
  1: golden.thomson_s1,
  2: golden.riesz_s2,
};

/** The sum over unordered pairs of N points on the sphere in ℝ³; `undefined` where it isn't in the table. */
export function knownMinimum(s: number, count: number): number | undefined {
  return tables[s]?.find(({ N }) => N === count)?.value;
}
