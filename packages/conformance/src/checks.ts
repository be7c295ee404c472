/**
 * The conformance suite without a test runner: {@link conformanceChecks} lists the checks, and {@link runChecks} runs them anywhere, for example in a web page.
 *
 * @packageDocumentation
 */
export type { Check } from "./suite/check.js";
export { conformanceChecks } from "./suite/conformance-checks.js";
export { oneOfEachKind } from "./suite/one-of-each-kind.js";
export type { ConformanceOptions, Part, Skip, Tolerance } from "./suite/options.js";
export { type Outcome, runChecks } from "./suite/run-checks.js";
