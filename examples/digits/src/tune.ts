/**
 * Settings chosen on validation rows alone, on seeds that are not reported, for every arm alike: first its strength while the
 * learning rate is the regime's, then the learning rate at the strength chosen. The least mean validation error wins. A choice
 * at the end of its grid says that the grid was too short, and is told. Test rows are measured by training as always, and
 * never looked at here.
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
import { type Arm, chooseArms, loadArms, type Sweep, type TunedSettings, withSettings } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { jobFactory } from "./jobs.js";
import { ARMS_FILE, TUNING_FILE, WORKER_FILE } from "./paths.js";
import { FIRST_TUNING_SEED } from "./regime.js";
import { checkSamples } from "./split.js";

interface Trial {
  readonly arm: Arm;
  readonly sweep: Sweep;
  readonly settings: TunedSettings;
  readonly validationError: MeanEstimate;
}

/** Writes `tuning.json`, for the arms on the command line; arms with nothing to tune keep the settings they have. */
export async function tune(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  checkSamples(line.samples);
  // Without what was chosen before: each sweep begins at the settings in arms.json.
  const all = loadArms({ armsFile: ARMS_FILE, tuningFile: "", configFile: line.config });
  const arms = chooseArms(all, line.arms).filter(({ sweeps }) => sweeps.length > 0);
  if (arms.length === 0)
    throw new UserError('tune: expected at least one arm with values to try under "tune"; got none.');
  const chosen = new Map<string, TunedSettings>(arms.map(({ name }) => [name, {}]));
  const trials: Trial[] = [];
  for (let round = 0; arms.some(({ sweeps }) => round < sweeps.length); round++) {
    const tried = await runSweeps(arms, round, chosen, line, signal);
    trials.push(...tried);
    for (const arm of arms) {
      const sweep = arm.sweeps[round];
      if (sweep) chosen.set(arm.name, best(tried.filter((trial) => trial.arm === arm)).settings);
    }
  }
  console.log(trialsTable(trials));
  for (const { arm, sweep, value } of atEnds(arms, chosen)) {
    console.error(
      `${arm.label}: ${sweep.setting} ${value} is at the end of its grid, ${sweep.values.join(", ")}. Add values beyond it to "tune", and run this again: finished runs are kept.`,
    );
  }
  writeFileSync(TUNING_FILE, `${JSON.stringify(record(line, trials, Object.fromEntries(chosen)), null, 2)}\n`);
  console.log(`Written: ${TUNING_FILE}`);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

/** Every arm's sweep of this round, each from the settings that the rounds before chose. */
async function runSweeps(
  arms: readonly Arm[],
  round: number,
  chosen: ReadonlyMap<string, TunedSettings>,
  line: CommandLine,
  signal: AbortSignal,
): Promise<Trial[]> {
  const seeds = Array.from({ length: line.seeds }, (_, i) => FIRST_TUNING_SEED + i);
  const makeJob = jobFactory();
  const points = arms.flatMap((arm) => {
    const sweep = arm.sweeps[round];
    if (!sweep) return [];
    return sweep.values.map((value) => ({
      arm,
      sweep,
      settings: { ...chosen.get(arm.name), [sweep.setting]: value } as TunedSettings,
    }));
  });
  const jobs = points.flatMap(({ arm, settings }) =>
    seeds.map((seed) => makeJob(arm.name, withSettings(arm.config, settings), seed, line)),
  );
  const { results } = await runExperiment({
    jobs,
    worker: pathToFileURL(WORKER_FILE),
    logFile: join(line.out, "tuning-runs.jsonl"),
    parse: (value) => trainedRunSchema.parse(value),
    describe: ({ arm, seed }, run) => `${arm}, seed ${seed}: ${formatFixed(run.validationError)} % validation error`,
    threads: line.workers,
    fresh: line.fresh && round === 0,
    signal,
  });
  return points.map((point, i) => ({
    ...point,
    validationError: estimateMean(
      results.slice(i * seeds.length, (i + 1) * seeds.length).map(({ validationError }) => validationError),
    ),
  }));
}

/** Choices that are the least or the largest value of their grid. */
function atEnds(arms: readonly Arm[], chosen: ReadonlyMap<string, TunedSettings>) {
  return arms.flatMap((arm) =>
    arm.sweeps.flatMap((sweep) => {
      const value = chosen.get(arm.name)![sweep.setting];
      return value === sweep.values[0] || value === sweep.values.at(-1) ? [{ arm, sweep, value }] : [];
    }),
  );
}

/** The first of the best, so that equals don't depend on anything else. */
function best(trials: readonly Trial[]): Trial {
  return trials.reduce((least, trial) => (trial.validationError.mean < least.validationError.mean ? trial : least));
}

function trialsTable(trials: readonly Trial[]): string {
  const rows = trials.map((trial) => {
    const { arm, settings, validationError } = trial;
    const isBest = best(trials.filter((other) => other.arm === arm && other.sweep === trial.sweep)) === trial;
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
