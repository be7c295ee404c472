/**
 * The suite that every hyperspherical energy backend passes, as vitest tests: {@link testBackend}. It needs vitest; `@comhe/conformance/checks`
 * is the same suite without.
 *
 * @packageDocumentation
 */
export * from "./checks.js";
export { testBackend } from "./test-backend.js";
