/** What the backend is held to, by the conformance suite; the README states the same. */
import type { Tolerance } from "@comhe/conformance/checks";

/** float32. Chords of close pairs in Hessian products are 1 − c, which float32 rounds to 6e-8. */
export const tolerance: Tolerance = { energy: 1e-5, gradient: 1e-4, near: 5e-3 };
