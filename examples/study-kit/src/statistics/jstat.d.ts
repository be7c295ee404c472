/** jstat ships no types; these are the two functions used here. */
declare module "jstat" {
  const jStat: {
    /** Regularized incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
