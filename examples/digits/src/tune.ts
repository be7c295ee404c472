/**
 * Settings chosen on validation rows alone: every combination of an arm's grid on a few seeds, none of them a seed that
 * is reported. The least mean validation error wins. Test rows are measured by training as always, and never looked at here.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  checkJson,
  describeMachine,
  estimateMean,
  formatDuration,
  formatFixed,
  type MeanEstimate,
  readJson,
  renderTable,
  runExperiment,
  trainedRunSchema,
} from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { z } from "zod";
import { type Arm, chooseArms, loadArms, type TunedSettings, withSettings } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { jobFactory } from "./jobs.js";
import { ARMS_FILE, TUNING_FILE, WORKER_FILE } from "./paths.js";
import { FIRST_TUNING_SEED } from "./regime.js";
import { checkSamples } from "./split.js";

interface Trial {
  readonly arm: Arm;
  readonly settings: TunedSettings;
  readonly validationError: MeanEstimate;
}

/** Writes `tuning.json`, for the arms on the command line; arms without a grid keep the settings they have. */
export async function tune(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  checkSamples(line.samples);
  const all = loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE, configFile: line.config });
  const arms = chooseArms(all, line.arms).filter(({ grid }) => grid.length > 0);
  if (arms.length === 0)
    throw new UserError('tune: expected at least one arm with a grid of values under "tune"; got none.');
  const trials = await runTrials(arms, line, signal);
  console.log(trialsTable(trials));
  const chosen: Record<string, TunedSettings> = Object.fromEntries(
    arms.map((arm) => [arm.name, best(trials.filter((trial) => trial.arm === arm)).settings]),
  );
  writeFileSync(TUNING_FILE, `${JSON.stringify(record(line, trials, chosen), null, 2)}\n`);
  console.log(TUNING_FILE);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function runTrials(arms: readonly Arm[], line: CommandLine, signal: AbortSignal): Promise<Trial[]> {
  const seeds = Array.from({ length: line.seeds }, (_, i) => FIRST_TUNING_SEED + i);
  const makeJob = jobFactory();
  const points = arms.flatMap((arm) => arm.grid.map((settings) => ({ arm, settings })));
  const jobs = points.flatMap(({ arm, settings }) =>
    seeds.map((seed) => makeJob(arm.name, withSettings(arm.config, settings), seed, line)),
  );
  const { results } = await runExperiment({
    jobs,
    worker: pathToFileURL(WORKER_FILE),
    logFile: join(line.out, "tuning-runs.jsonl"),
    parse: (value) => trainedRunSchema.parse(value),
    describe: ({ arm, seed }, run) => `${arm}, seed ${seed}: ${formatFixed(run.validationError)} % on validation`,
    threads: line.workers,
    fresh: line.fresh,
    signal,
  });
  return points.map((point, i) => ({
    ...point,
    validationError: estimateMean(
      results.slice(i * seeds.length, (i + 1) * seeds.length).map(({ validationError }) => validationError),
    ),
  }));
}

/** The first of the best, so that equals don't depend on anything else. */
function best(trials: readonly Trial[]): Trial {
  return trials.reduce((least, trial) => (trial.validationError.mean < least.validationError.mean ? trial : least));
}

function trialsTable(trials: readonly Trial[]): string {
  const rows = trials.map((trial) => {
    const { arm, settings, validationError } = trial;
    const isBest = best(trials.filter((other) => other.arm === arm)) === trial;
    return [
      arm.label,
      Object.entries(settings)
        .map(([key, value]) => `${key} ${value}`)
        .join(", "),
      formatFixed(validationError.mean),
      validationError.standardError === null ? "–" : formatFixed(validationError.standardError),
      isBest ? "chosen" : "",
    ];
  });
  return renderTable(["arm", "settings", "validation error %", "± s.e.", ""], rows);
}

/** What was chosen for other arms before stays. */
function record(line: CommandLine, trials: readonly Trial[], chosen: Record<string, TunedSettings>) {
  const before = existsSync(TUNING_FILE)
    ? checkJson(tuningRecordSchema, readJson(TUNING_FILE), TUNING_FILE)
    : { chosen: {}, trials: [] };
  return {
    date: new Date().toISOString(),
    machine: describeMachine(),
    seeds: { first: FIRST_TUNING_SEED, count: line.seeds },
    samples: line.samples,
    epochs: line.epochs,
    chosen: { ...before.chosen, ...chosen },
    trials: [
      ...before.trials.filter(({ arm }) => !(arm in chosen)),
      ...trials.map(({ arm, settings, validationError }) => ({
        arm: arm.name,
        settings,
        validationError: round(validationError.mean),
        standardError: validationError.standardError === null ? null : round(validationError.standardError),
      })),
    ],
  };
}

const tuningRecordSchema = z.object({
  chosen: z.record(z.string(), z.unknown()),
  trials: z.array(z.looseObject({ arm: z.string() })),
});

function round(value: number): number {
  return Number(value.toFixed(4));
}
