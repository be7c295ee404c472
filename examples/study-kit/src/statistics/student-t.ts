import jStat from "jstat";

/**
 * P(|T| ≥ |t|) of Student's t: I_x(ν/2, ½) at x = ν/(ν + t²). Not 2·(1 − CDF), which has nothing left of a p-value of
 * 1e-17.
 */
export function twoSidedP(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return jStat.ibeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
}

/** Half the width, in standard errors, of the two-sided interval with this confidence. */
export function intervalFactor(confidence: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(0.5 + confidence / 2, degreesOfFreedom);
}
