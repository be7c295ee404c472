/** The command line. Results go to stdout, progress to stderr. */
import { type OnnxBackend, onnxBackend } from "@comhe/onnx";
import {
  abortOnInterrupt,
  conclude,
  formatDuration,
  INTERRUPTED_EXIT_CODE,
  resultsTable,
  type SeededRun,
  selectArms,
  summarize,
  UserError,
} from "@comhe-examples/study-kit";
import * as runtime from "onnxruntime-node";
import { loadArms } from "./arms.js";
import { type CommandLine, HELP, parseCommandLine } from "./command-line.js";
import { loadDigits } from "./digits-data.js";
import { digitFeatures } from "./features.js";
import { runArm, type Setting } from "./run-arm.js";
import { tune } from "./tune.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) return console.log(HELP);
  const signal = abortOnInterrupt();
  const start = performance.now();
  const digits = loadDigits();
  console.error(`Taking features of ${digits.rows} digits …`);
  const features = await digitFeatures(runtime, digits, () => signal.throwIfAborted());
  const setting = { features, labels: digits.labels, shots: line.shots, steps: line.steps };
  const backend = await onnxBackend({ runtime });
  if (line.command === "tune") await tune(backend, setting, line.seeds, signal);
  else await study(backend, setting, line, signal);
  await backend.dispose();
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

async function study(backend: OnnxBackend, setting: Setting, line: CommandLine, signal: AbortSignal) {
  const arms = selectArms(loadArms(), line.arms);
  const runs: SeededRun[] = [];
  for (let seed = 1; seed <= line.seeds; seed++) {
    for (const arm of arms) {
      signal.throwIfAborted();
      runs.push(await runArm(backend, setting, arm, seed));
    }
    console.error(`seed ${seed} of ${line.seeds}`);
  }
  const summaries = summarize(arms, runs);
  console.log(resultsTable(summaries));
  console.log(`\n${conclude(summaries).headline}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const interrupted = error instanceof Error && error.name === "AbortError";
  if (interrupted) console.error("Interrupted; nothing is kept, the study takes about a minute.");
  else console.error(error instanceof UserError ? error.message : error);
  process.exitCode = interrupted ? INTERRUPTED_EXIT_CODE : 1;
});
