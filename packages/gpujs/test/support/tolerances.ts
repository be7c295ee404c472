/** What each mode is held to, by the conformance suite; the README states the same. */
import type { Tolerance } from "@comhe/conformance/checks";

/** float32. Chords of close pairs in Hessian products are 1 − c, which float32 rounds to 6e-8. */
const float32: Tolerance = { energy: 1e-5, gradient: 1e-4, near: 5e-3 };

export const tolerances = {
  cpu: float32,
  webasm: float32,
  webgl2: float32,
  webgpu: float32,
  headlessgl: float32,
} as const;
