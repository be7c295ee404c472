/**
 * Stands in for `packages/tfjs/test/support/compare.ts`, whose tolerances are those of the host path (pairs in JavaScript,
 * sums in float64). The native backend takes the tensor path, all of it in float32: ten times as much is allowed.
 */
import { expectClose as expectCloseOnHost } from "../../../packages/tfjs/test/support/compare.js";

export * from "../../../packages/tfjs/test/support/compare.js";

export const expectClose: typeof expectCloseOnHost = (actual, expected, tolerance, ...rest) =>
  expectCloseOnHost(actual, expected, 10 * tolerance, ...rest);
