/** What a run leaves behind, from what was asked for and what came of it. */
import type { RunSettings } from "./command-line.js";
import type { CifarData } from "./data/cifar-data.js";
import type { RunResult } from "./result-schema.js";
import type { runTraining } from "./training/run.js";

export function toResult(
  { seed, steps, batch, width, learningRate, augment, testImages }: RunSettings,
  { training, test }: CifarData,
  { name, label, role, settings }: RunResult["config"],
  backend: string,
  { history, layers }: Awaited<ReturnType<typeof runTraining>>,
): RunResult {
  const images = { trainingImages: training.count, testImages: Math.min(test.count, testImages ?? test.count) };
  const { log, tests, diverged, seconds } = history;
  return {
    config: { name, label, role, settings },
    settings: { seed, steps, batch, width, learningRate, augment, ...images },
    backend,
    diverged,
    seconds,
    log: [...log],
    tests: [...tests],
    layers,
  };
}
