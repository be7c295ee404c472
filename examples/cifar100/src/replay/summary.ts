/** What came of repeating recordings elsewhere, in numbers: how far two courses are apart, and from which step on. */
import { existsSync } from "node:fs";
import { checkJson, readJson } from "@comhe-examples/study-kit";
import { z } from "zod";
import { type RecordedStep, readRecording } from "./recording.js";

/** Relative differences beyond it are called parting. */
export const TOLERANCE = 1e-3;

/** At so many steps the tables look. */
export const LOOKED_AT = [1, 10, 50, 100, 200] as const;

const apartSchema = z.object({
  /** The largest relative difference up to each step of {@link LOOKED_AT} that was made; null for what isn't a number. */
  upTo: z.array(z.number().nullable()),
  /** The first step, counted from 1, beyond the tolerance; 0: never. */
  partsAt: z.number().int().nonnegative(),
});

const courseSchema = z.object({
  /** Of the whole loss: cross-entropy, decay and energies. */
  loss: apartSchema,
  /** Of the layer that is farthest; null without energies. */
  energy: apartSchema.nullable(),
});

const summarySchema = z.object({
  label: z.string(),
  steps: z.number().int().positive(),
  torch: z.string(),
  /** tfjs and PyTorch, both in float32. */
  between: courseSchema,
  /** PyTorch in float32 and in float64: what rounding alone does. */
  rounding: courseSchema,
});

export type Apart = z.infer<typeof apartSchema>;
export type ReplaySummary = z.infer<typeof summarySchema>;

const energyOf = ({ energies }: RecordedStep) => Object.values(energies).reduce((sum, energy) => sum + energy, 0);
export const lossOf = (step: RecordedStep) => step.fit + step.decay + energyOf(step);
const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE);

/** Of two courses: step by step, how far the losses are apart, and the energies of the layer that is farthest. */
export function differences(ours: readonly RecordedStep[], theirs: readonly RecordedStep[]) {
  return ours.map((step, n) => {
    const other = theirs[n]!;
    const energies = Object.keys(step.energies).map((name) => relative(step.energies[name]!, other.energies[name]!));
    return { loss: relative(lossOf(step), lossOf(other)), energy: Math.max(0, ...energies) };
  });
}

/** The first step, counted from 1, at which the difference is beyond the tolerance; 0: never. */
export function partingStep(values: readonly number[], tolerance = TOLERANCE): number {
  return values.findIndex((value) => !(value <= tolerance)) + 1;
}

/** @throws UserError that names the file */
export function summarizeReplay(folder: string): ReplaySummary {
  const { recording, replay } = readRecording(folder);
  const hasEnergies = Object.keys(recording.steps[0]!.energies).length > 0;
  const courseOf = (ours: readonly RecordedStep[], theirs: readonly RecordedStep[]) => {
    const each = differences(ours, theirs);
    const apart = (what: "loss" | "energy") => apartOf(each.map((step) => step[what]));
    return { loss: apart("loss"), energy: hasEnergies ? apart("energy") : null };
  };
  return {
    label: recording.label,
    steps: recording.steps.length,
    torch: replay.torch,
    between: courseOf(recording.steps, replay.float32),
    rounding: courseOf(replay.float64, replay.float32),
  };
}

function apartOf(values: readonly number[]): Apart {
  const made = LOOKED_AT.filter((step) => step <= values.length);
  const largest = made.map((step) => Math.max(...values.slice(0, step)));
  return { upTo: largest.map((value) => (Number.isFinite(value) ? value : null)), partsAt: partingStep(values) };
}

/** @returns none where there is no such file @throws UserError where it isn't one of summaries */
export function readSummaries(file: string): ReplaySummary[] {
  return existsSync(file) ? checkJson(z.array(summarySchema), readJson(file), file) : [];
}
