/** What both builds are held to by the conformance suite, in Node and in pages: float32's sums and products. */
import type { Tolerance } from "@comhe/conformance/checks";

export const tolerance: Tolerance = { energy: 1e-5, gradient: 1e-4 };
