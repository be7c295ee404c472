/** What a study of one dimension leaves in the repository: enough for its table and its curves, without a run. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkJson, estimateMean, pairedDifference, ROLES, readJson } from "@comhe-examples/study-kit";
import { z } from "zod";
import type { Arm } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { DIMENSIONS } from "./regime.js";
import type { Summary } from "./summary.js";

const armSchema = z.object({
  name: z.string(),
  label: z.string(),
  role: z.enum(ROLES),
  /** Null: nothing is spread. */
  weight: z.number().nullable(),
  /** In percent, by seed, from 1 on. */
  testErrors: z.array(z.number()),
  diverged: z.number().int(),
  /** Means over seeds, at each checkpoint. */
  course: z.array(z.object({ step: z.number(), testError: z.number(), energy: z.number() })),
});

const recordSchema = z.object({
  dimension: z.number().int(),
  seeds: z.number().int(),
  steps: z.number().int(),
  arms: z.array(armSchema),
});

export type StudyRecord = z.infer<typeof recordSchema>;

export function recordOf({ dimension, seeds, steps }: CommandLine, summaries: readonly Summary<Arm>[]): StudyRecord {
  const rounded = (value: number) => Number(value.toFixed(4));
  const arms = summaries.map(({ arm, testErrors, diverged, course }) => ({
    name: arm.name,
    label: arm.label,
    role: arm.role,
    weight: arm.spreading === null ? null : arm.weight,
    testErrors: testErrors.map(rounded),
    diverged,
    course: course.map(({ step, testError, energy }) => ({
      step,
      testError: rounded(testError),
      energy: rounded(energy),
    })),
  }));
  return { dimension, seeds, steps, arms };
}

/** Those of a folder, in the order of the dimensions. @throws UserError for a file that isn't a record */
export function readRecords(folder: string): StudyRecord[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const records = files.map((name) => checkJson(recordSchema, readJson(join(folder, name)), join(folder, name)));
  return DIMENSIONS.flatMap((dimension) => records.filter((record) => record.dimension === dimension));
}

/** The arms in numbers, as they were when they had been run. */
export function comparedArms({ arms }: StudyRecord) {
  const reference = arms.find(({ role }) => role === "baseline");
  return arms.map((arm) => {
    const { name, label, role, weight, testErrors, diverged, course } = arm;
    const settings = weight === null ? "alignment alone" : `weight ${weight}`;
    return {
      arm: { name, label, role, settings, spreading: weight !== null, weight: weight ?? 0 },
      testErrors,
      testError: estimateMean(testErrors),
      difference: !reference || reference === arm ? null : pairedDifference(testErrors, reference.testErrors),
      diverged,
      course,
    };
  });
}
