/** The suite without a test runner: a list of checks, to run anywhere (a browser page, say). */
export type { Check } from "./suite/check.js";
export { conformanceChecks } from "./suite/conformance-checks.js";
export type { ConformanceOptions, Skip, Tolerance } from "./suite/options.js";
export { type Outcome, runChecks } from "./suite/run-checks.js";
