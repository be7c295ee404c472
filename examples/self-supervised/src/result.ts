/** What one run leaves behind. */
import { z } from "zod";

const finite = z.number();

const checkpointSchema = z.object({
  step: z.number().int().nonnegative(),
  /** Of the linear probe, in percent. */
  testError: finite,
  validationError: finite,
  /** Mean −log distance of the test images' embeddings: whatever an arm trains, they are compared by this one. */
  energy: finite,
  /** Mean squared distance of two views of an image, a batch's mean before the step; null before training. */
  alignment: finite.nullable(),
});

export const runSchema = z.object({
  /** The first one is before training. */
  checkpoints: z.array(checkpointSchema).min(2),
  diverged: z.boolean(),
  /** Wall time of the training steps alone. */
  seconds: finite,
  /** Of the test images before and after, three coordinates each in thousandths; of the first seed alone. */
  pictures: z.object({ before: z.array(z.number().int()), after: z.array(z.number().int()) }).nullable(),
});

export type Run = z.infer<typeof runSchema>;
export type Checkpoint = Run["checkpoints"][number];

export const last = ({ checkpoints }: Run): Checkpoint => checkpoints[checkpoints.length - 1]!;
