/** A finished run as its JSON file holds it. */
import { ROLES, trainedRunSchema } from "@comhe-examples/study-kit";
import { z } from "zod";

const number = z.number();

export const resultSchema = z.object({
  config: z.object({ name: z.string(), label: z.string(), role: z.enum(ROLES), settings: z.string() }),
  settings: z.object({
    seed: number,
    steps: number,
    batch: number,
    width: number,
    learningRate: number,
    augment: z.boolean(),
    trainingImages: number,
    testImages: number,
  }),
  backend: z.string(),
  diverged: z.boolean(),
  seconds: number,
  log: z.array(
    z.object({ step: number, fit: number, decay: number, hidden: number, output: number, accuracy: number }),
  ),
  tests: z.array(z.object({ step: number, accuracy: number })),
  layers: trainedRunSchema.shape.layers,
});

export type RunResult = z.infer<typeof resultSchema>;
