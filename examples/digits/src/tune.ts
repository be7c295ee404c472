/**
 * Settings chosen on validation rows alone, on seeds none of which is reported. Every combination of an arm's grid on a few
 * seeds; then the few best of each arm on more, since the differences between them are smaller than what so few seeds can
 * tell. The least mean validation error of the second round wins. Training measures test rows as always; nothing here
 * looks at them.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  describeMachine,
  estimateMean,
  formatDuration,
  formatFixed,
  type MeanEstimate,
  renderTable,
  runExperiment,
  trainedRunSchema,
} from "@comhe-examples/study-kit";
import { type Arm, loadArms, selectArms, type TunedSettings, withSettings } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { UserError } from "./errors.js";
import { jobFactory } from "./jobs.js";
import { ARMS_FILE, TUNING_FILE, WORKER_FILE } from "./paths.js";
import { FIRST_TUNING_SEED } from "./regime.js";
import { checkSamples } from "./split.js";

/** So many of each arm go on to the second round, on so many times the seeds. */
const FINALISTS = 3;
const FINAL_SEEDS_FACTOR = 3;

interface Point {
  readonly arm: Arm;
  readonly settings: TunedSettings;
}

interface Trial extends Point {
  readonly validationError: MeanEstimate;
}

/** Writes `tuning.json`; arms without a grid keep the settings they have. */
export async function tune(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  checkSamples(line.samples);
  const all = loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE, configFile: line.config });
  const arms = selectArms(all, line.arms).filter(({ grid }) => grid.length > 0);
  if (arms.length === 0) {
    throw new UserError('tune: expected at least one arm with a grid of values under "tune"; got none.');
  }
  const grid = arms.flatMap((arm) => arm.grid.map((settings) => ({ arm, settings })));
  const first = await runTrials(grid, line.seeds, line, signal);
  const finalists = arms.flatMap((arm) => ranked(first, arm).slice(0, FINALISTS));
  const second = await runTrials(finalists, line.seeds * FINAL_SEEDS_FACTOR, { ...line, fresh: false }, signal);
  const chosen = arms.map((arm) => ranked(second, arm)[0]!);
  console.log(trialsTable([...first, ...second], chosen));
  writeFileSync(TUNING_FILE, `${JSON.stringify(record(line, [...first, ...second], chosen), null, 2)}\n`);
  console.log(TUNING_FILE);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function runTrials(
  points: readonly Point[],
  seedCount: number,
  line: CommandLine,
  signal: AbortSignal,
): Promise<Trial[]> {
  const seeds = Array.from({ length: seedCount }, (_, i) => FIRST_TUNING_SEED + i);
  const makeJob = jobFactory();
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
  return points.map(({ arm, settings }, i) => ({
    arm,
    settings,
    validationError: estimateMean(
      results.slice(i * seeds.length, (i + 1) * seeds.length).map(({ validationError }) => validationError),
    ),
  }));
}

/** Best first; equals stay in the order of the grid. */
function ranked(trials: readonly Trial[], arm: Arm): Trial[] {
  return trials.filter((trial) => trial.arm === arm).sort((a, b) => a.validationError.mean - b.validationError.mean);
}

function trialsTable(trials: readonly Trial[], chosen: readonly Trial[]): string {
  const rows = trials.map((trial) => {
    const { arm, settings, validationError } = trial;
    return [
      arm.label,
      Object.entries(settings)
        .map(([key, value]) => `${key} ${value}`)
        .join(", "),
      String(validationError.n),
      formatFixed(validationError.mean),
      validationError.standardError === null ? "–" : formatFixed(validationError.standardError),
      chosen.includes(trial) ? "chosen" : "",
    ];
  });
  return renderTable(["arm", "settings", "seeds", "validation error %", "± s.e.", ""], rows);
}

function record(line: CommandLine, trials: readonly Trial[], chosen: readonly Trial[]) {
  return {
    date: new Date().toISOString(),
    machine: describeMachine(),
    firstSeed: FIRST_TUNING_SEED,
    samples: line.samples,
    epochs: line.epochs,
    chosen: Object.fromEntries(chosen.map(({ arm, settings }) => [arm.name, settings])),
    trials: trials.map(({ arm, settings, validationError }) => ({
      arm: arm.name,
      settings,
      seeds: validationError.n,
      validationError: round(validationError.mean),
      standardError: validationError.standardError === null ? null : round(validationError.standardError),
    })),
  };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
