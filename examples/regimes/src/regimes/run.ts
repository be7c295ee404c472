/** What one run leaves behind. */
import { z } from "zod";

export const runSchema = z.object({
  /** In percent. */
  testError: z.number(),
  validationError: z.number(),
  /** The loss stopped being finite, and training with it: every prediction counts as wrong. */
  diverged: z.boolean(),
  /** Wall time of the training steps alone. */
  seconds: z.number(),
  /** Mean half-space energy (s = 2, unprojected) of the regularized kernels; null for what isn't a kernel, and after a divergence. */
  energyBefore: z.number().nullable(),
  energyAfter: z.number().nullable(),
});

export type Run = z.infer<typeof runSchema>;
