/** The suite that every hyperspherical energy backend passes. */
export * from "./checks.js";
export { testBackend } from "./test-backend.js";
