/**
 * The test suite that every backend must pass: {@link testBackend} registers it as vitest tests. `@comhe/conformance/checks`
 * is the same suite without vitest.
 *
 * @packageDocumentation
 */
export * from "./checks.js";
export { testBackend } from "./test-backend.js";
