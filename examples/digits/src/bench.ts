/** Milliseconds of a training step: backend against backend, and what each arm's regularizer adds. */
import { describeMachine, formatDuration, formatFixed, renderTable } from "@comhe-examples/study-kit";
import { type Arm, chooseArms, loadArms } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { type Digits, loadDigits } from "./digits-data.js";
import { ARMS_FILE, DATA_FILE, TUNING_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { BACKENDS, type BackendName, useBackend } from "./tfjs-backend.js";
import { trainDigits } from "./train.js";

/** Epochs that warm the engine up, and the ones that count. */
const WARM_UP = 5;
const TIMED = 10;
const REPEATS = 3;

export async function bench(line: CommandLine): Promise<void> {
  const start = performance.now();
  const digits = loadDigits(DATA_FILE);
  const arms = chooseArms(
    loadArms({ armsFile: ARMS_FILE, tuningFile: TUNING_FILE, configFile: line.config }),
    line.arms,
  );
  const { processor, cores, node } = describeMachine();
  console.log(
    `${processor}, ${cores} cores, Node.js ${node}; batch ${regime.batchSize}, one thread, least of ${REPEATS} repeats`,
  );
  const rows: string[][] = [];
  for (const backend of BACKENDS) rows.push(...(await benchBackend(backend, arms, digits, line.samples)));
  console.log(renderTable(["arm", "backend", "ms per step", "on top of the baseline"], rows));
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function benchBackend(
  backend: BackendName,
  arms: readonly Arm[],
  digits: Digits,
  samples: number,
): Promise<string[][]> {
  await useBackend(backend);
  const timed: { arm: Arm; milliseconds: number }[] = [];
  for (const arm of arms) timed.push({ arm, milliseconds: await stepTime(arm, digits, samples) });
  const baseline = timed.find(({ arm }) => arm.role === "baseline")?.milliseconds;
  return timed.map(({ arm, milliseconds }) => [
    arm.label,
    backend,
    formatFixed(milliseconds),
    baseline === undefined || arm.role === "baseline"
      ? "–"
      : `${formatFixed(100 * (milliseconds / baseline - 1), 0)} %`,
  ]);
}

/** The least of a few repeats: whatever else the machine does only ever adds. */
async function stepTime(arm: Arm, digits: Digits, samples: number): Promise<number> {
  const run = (epochs: number) => trainDigits(digits, { arm: arm.config, seed: 1, samples, epochs });
  await run(WARM_UP);
  const steps = TIMED * Math.ceil(samples / regime.batchSize);
  let least = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    least = Math.min(least, ((await run(TIMED)).seconds * 1000) / steps);
  }
  return least;
}
