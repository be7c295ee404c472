/** What a study leaves behind, regime by regime: enough for tables, pages and tests, without a run. */
import { existsSync } from "node:fs";
import { checkJson, readJson } from "@comhe-examples/study-kit";
import { z } from "zod";
import { ARMS } from "./arms.js";
import type { Trial } from "./tune.js";

const arm = z.enum(ARMS);

const settingsSchema = z.object({
  learningRate: z.number(),
  weightDecay: z.number(),
  orthogonality: z.number().optional(),
  energy: z.record(z.string(), z.unknown()).optional(),
  weight: z.number().optional(),
});

const suggestionSchema = z.object({
  arm,
  /** By tuning seed, the median over kernels; null where `suggestWeight` can't tell. */
  weights: z.array(z.number().nullable()),
  /** Why it can't. */
  reason: z.string().optional(),
});

const trialSchema = z.object({ arm, settings: settingsSchema, validationErrors: z.array(z.number()) });

const regimeRecordSchema = z.object({
  name: z.string(),
  /** Paired seeds, from 1 on. */
  seeds: z.number().int().positive(),
  tuningSeeds: z.number().int().positive(),
  /** Hours of one core that all of its runs took, in training alone: wall time of a machine that may have been busy. */
  hours: z.number(),
  trials: z.array(trialSchema),
  arms: z.array(
    z.object({
      arm,
      settings: settingsSchema,
      /** In percent, by seed. */
      testErrors: z.array(z.number()),
      diverged: z.number().int(),
      /** Means over seeds; null where there is nothing to measure. */
      energyBefore: z.number().nullable(),
      energyAfter: z.number().nullable(),
    }),
  ),
  /** Energies at every weight, beside the baseline, on other seeds than tuning's; absent where nobody asked which weights work. */
  sweep: z.object({ seeds: z.number().int().positive(), trials: z.array(trialSchema) }).optional(),
  /** What `suggestWeight` said; absent where it wasn't asked. */
  suggestions: z.array(suggestionSchema).optional(),
});

const recordSchema = z.object({ machine: z.unknown(), regimes: z.array(regimeRecordSchema) });

export type TrialRecord = z.infer<typeof trialSchema>;
export type Suggestion = z.infer<typeof suggestionSchema>;
export type RegimeRecord = z.infer<typeof regimeRecordSchema>;
export type StudyRecord = z.infer<typeof recordSchema>;

/** @throws UserError where the file is there and isn't a record */
export function readRecord(file: string): StudyRecord {
  return existsSync(file) ? checkJson(recordSchema, readJson(file), file) : { machine: null, regimes: [] };
}

/** A trial as JSON has it. */
export function plainTrial({ arm, settings, validationErrors }: Trial): TrialRecord {
  return { arm, settings: JSON.parse(JSON.stringify(settings)), validationErrors: [...validationErrors] };
}
