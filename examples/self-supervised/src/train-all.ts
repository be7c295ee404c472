/** Every arm on every seed, over worker threads; finished runs are taken up again. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatFixed, runExperiment } from "@comhe-examples/study-kit";
import type { Arm } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { jobFactory } from "./jobs.js";
import { WORKER_FILE } from "./paths.js";
import { last, runSchema } from "./result.js";
import type { ArmRuns } from "./summary.js";

export async function trainAll(
  arms: readonly Arm[],
  seeds: readonly number[],
  line: CommandLine,
  signal: AbortSignal,
): Promise<ArmRuns<Arm>[]> {
  const makeJob = jobFactory(line);
  // Seed by seed, so that a study stopped half way holds whole pairs.
  const jobs = seeds.flatMap((seed) => arms.map((arm) => makeJob(arm, seed, seed === 1)));
  const { results, resumed } = await runExperiment({
    jobs,
    worker: pathToFileURL(WORKER_FILE),
    logFile: join(line.out, "runs.jsonl"),
    parse: (value) => runSchema.parse(value),
    describe: ({ arm, seed }, run) =>
      `${arm}, seed ${seed}: ${formatFixed(last(run).testError)} % in ${formatFixed(run.seconds, 1)} s`,
    threads: line.workers,
    fresh: line.fresh,
    signal,
  });
  if (resumed > 0) console.error(`${resumed} runs were finished before; --fresh makes them again.`);
  return arms.map((arm, n) => ({ arm, runs: seeds.map((_, at) => results[at * arms.length + n]!) }));
}
