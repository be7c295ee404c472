/** What a finished run leaves behind: its result as JSON, and reports of one or of several. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  checkJson,
  describeMachine,
  type Figure,
  formatFixed,
  type LegendEntry,
  type Machine,
  readJson,
  renderFigureBlock,
  renderStudyReport,
  resultsTable,
  type SeededRun,
  seriesColor,
  summarize,
} from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { courseFigures } from "./course-figures.js";
import { type RunResult, resultSchema } from "./result-schema.js";

const RESULT_FILE = "result.json";

/** @returns the files written */
export function writeRun(folder: string, result: RunResult, versions: Readonly<Record<string, string>>): string[] {
  const path = join(folder, RESULT_FILE);
  save(
    path,
    `${JSON.stringify({ date: new Date().toISOString(), machine: describeMachine(), versions, ...result }, null, 1)}\n`,
  );
  return [path, writeReport(join(folder, "report.html"), [result], versions)];
}

/** @throws UserError where a folder holds no finished run */
export function readRun(folder: string): RunResult {
  const path = join(folder, RESULT_FILE);
  return checkJson(resultSchema, readJson(path), path);
}

/** Test error in percent; a run that diverged is wrong on every image. */
export function testError({ diverged, tests }: RunResult): number {
  return diverged ? 100 : 100 * (1 - (tests.at(-1)?.accuracy ?? 0));
}

/** @throws UserError where the runs have no seeds in common */
function summarizeRuns(results: readonly RunResult[]) {
  const arms = [...new Map(results.map(({ config }) => [config.name, config])).values()];
  const runs: SeededRun[] = results.map((result) => ({
    arm: result.config.name,
    seed: result.settings.seed,
    run: {
      testError: testError(result),
      trainingLoss: result.log.at(-1)?.fit ?? null,
      diverged: result.diverged,
      seconds: result.seconds,
      layers: result.layers,
    },
  }));
  const seedsOf = (name: string) =>
    JSON.stringify(
      runs
        .filter(({ arm }) => arm === name)
        .map(({ seed }) => seed)
        .sort(),
    );
  const odd = arms.find(({ name }) => seedsOf(name) !== seedsOf(arms[0]!.name));
  if (odd) {
    throw new UserError(
      `report: expected the same seeds of every config; "${arms[0]!.name}" has ${seedsOf(arms[0]!.name)}, "${odd.name}" ${seedsOf(odd.name)}.`,
    );
  }
  return summarize(arms, runs);
}

export function table(results: readonly RunResult[]): string {
  return resultsTable(summarizeRuns(results));
}

/** @returns the file written */
export function writeReport(
  path: string,
  results: readonly RunResult[],
  versions: Readonly<Record<string, string>>,
): string {
  const summaries = summarizeRuns(results);
  const legend: LegendEntry[] = summaries.map(({ arm }, n) => ({ label: arm.label, color: seriesColor(n) }));
  const blocks = courseFigures(
    results,
    summaries.map(({ arm }) => arm.name),
  ).map((figure: Figure) => renderFigureBlock(figure, legend));
  const installed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  save(
    path,
    renderStudyReport({
      title: isCifar(results)
        ? "CIFAR-100 by the authors' recipe"
        : "The authors' recipe for CIFAR-100, on other images",
      setting: describeSetting(results),
      summaries,
      more: [{ heading: "In the course of training", blocks }],
      footer: [`Made ${new Date().toISOString()} on ${machineLine(describeMachine())}.`, `${installed.join(", ")}.`],
    }),
  );
  return path;
}

/** Other data may have its format, but hardly as many images. */
function isCifar(results: readonly RunResult[]): boolean {
  return results.every(({ settings }) => settings.trainingImages === 50_000);
}

function describeSetting(results: readonly RunResult[]): string[] {
  const { settings } = results[0]!;
  const backends = [...new Set(results.map(({ backend }) => backend))].join(", ");
  return [
    `${isCifar(results) ? "CIFAR-100" : "Images in CIFAR-100's format"}: ${settings.trainingImages} images to train on and ${settings.testImages} to test on, 100 classes. Nine 3 × 3 convolutions with batch normalization and ReLU in three stages of ${[64, 128, 256].map((channels) => formatFixed(channels * settings.width, 0)).join(", ")} channels, a 4 × 4 one and a 1 × 1 one.`,
    `Momentum 0.9, learning rate ${settings.learningRate}, a tenth of it from 40 %, 66.7 % and 86.7 % of ${settings.steps} steps on; batches of ${settings.batch}, weight decay 5e-4, label smoothing 0.01${settings.augment ? "; random crops of mirrored images and flips" : ", no augmentation"}. TensorFlow.js on ${backends}.`,
    "There is no validation set, as in the authors' code: test errors are those after the last step.",
  ];
}

function machineLine({ processor, cores, memoryGiB, system, node }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node.js ${node}`;
}

function save(path: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new UserError(`${path}: can't be written (${(error as Error).message}).`);
  }
}
