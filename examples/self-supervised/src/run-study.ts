/** The main job: every arm on every seed, then the table, the results file, the report and the picture. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeMachine,
  describeVersions,
  formatDuration,
  renderFigureBlock,
  renderHtmlTable,
  renderPage,
  renderParagraph,
  renderTable,
  selectArms,
  seriesColor,
} from "@comhe-examples/study-kit";
import { loadDigits } from "../../digits/src/digits-data.js";
import { type Arm, loadArms } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { courseFigure, embeddingFigure, errorFigure } from "./figures.js";
import { headline } from "./headline.js";
import { ARMS_FILE, DATA_FILE, TUNING_FILE } from "./paths.js";
import { coursePicture, randomEnergy, standalone } from "./pictures.js";
import { recordOf } from "./record.js";
import { regime } from "./regime.js";
import { type Summary, summarizeArms } from "./summary.js";
import { COLUMNS, rowOf, SECONDS, secondsOf } from "./table.js";
import { trainAll } from "./train-all.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const { labels } = loadDigits(DATA_FILE);
  const arms = selectArms(loadArms(ARMS_FILE, TUNING_FILE, line.dimension), line.arms);
  console.error(`${arms.length} arms × ${line.seeds} paired seeds, ${line.dimension} dimensions, ${line.steps} steps.`);
  const seeds = Array.from({ length: line.seeds }, (_, n) => n + 1);
  const summaries = summarizeArms(await trainAll(arms, seeds, line, signal));
  console.log(
    renderTable(
      [...COLUMNS, SECONDS],
      summaries.map((each) => [...rowOf(each), secondsOf(each)]),
    ),
  );
  console.log(`\n${headline(summaries)}\n`);
  for (const path of writeResults(line, summaries, labels.subarray(regime.poolRows))) console.log(`Written: ${path}`);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

function writeResults(line: CommandLine, summaries: readonly Summary<Arm>[], labels: Uint8Array): string[] {
  const { dimension, seeds, steps, out } = line;
  const machine = describeMachine();
  const versions = describeVersions(import.meta.url);
  const date = new Date().toISOString();
  const random = randomEnergy(dimension);
  const picture = embeddingFigure(summaries, labels);
  const legend = summaries.map(({ arm }, n) => ({ label: arm.label, color: seriesColor(n) }));
  const report = renderPage({
    title: `Digits without labels, ${dimension} dimensions`,
    headline: headline(summaries),
    sections: [
      ...(picture ? [{ heading: "Where the embeddings lie", blocks: [renderFigureBlock(picture)] }] : []),
      {
        heading: "Test error",
        blocks: [
          renderFigureBlock(errorFigure(summaries)),
          renderHtmlTable({ caption: "Every arm", head: COLUMNS, rows: summaries.map((each) => rowOf(each)) }),
          renderParagraph(
            "Differences are paired: the same images, views, initial weights and labels for each seed. Intervals and p-values are Student's t on the seeds' differences, each on its own, not corrected for the number of arms.",
          ),
        ],
      },
      {
        heading: "Over training",
        blocks: [
          renderFigureBlock(courseFigure(summaries, "testError", random), legend),
          renderFigureBlock(courseFigure(summaries, "energy", random), legend),
        ],
      },
      { heading: "How it was done", blocks: setting(line).map(renderParagraph) },
    ],
    footer: [
      `Made ${date} on ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node.js ${machine.node}.`,
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      "Data: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, CC BY 4.0.",
    ],
  });
  const results = {
    date,
    machine,
    versions,
    study: { ...regime, dimension, seeds, steps },
    headline: headline(summaries),
    arms: summaries.map(({ arm, runs, ...numbers }) => ({
      ...arm,
      ...numbers,
      runs: runs.map(({ pictures, ...run }) => run),
    })),
  };
  const files: Record<string, string> = {
    "results.json": `${JSON.stringify(results, null, 1)}\n`,
    "record.json": `${JSON.stringify(recordOf(line, summaries), null, 1)}\n`,
    "report.html": report,
    "course.svg": coursePicture(summaries, dimension),
  };
  if (picture) files["embeddings.svg"] = standalone(picture.svg);
  mkdirSync(out, { recursive: true });
  return Object.entries(files).map(([name, content]) => {
    const path = join(out, name);
    writeFileSync(path, content);
    return path;
  });
}

function setting({ dimension, seeds, steps }: CommandLine): string[] {
  const { poolRows, testRows, batchSize, hiddenUnits, learningRate, weightDecay, labelsPerClass, labelDraws } = regime;
  return [
    `Real handwritten digits, 8 × 8 pixels: ${poolRows} without their labels train the encoder, ${testRows} by other writers are the test set of each of the ${seeds} seeds.`,
    `Two random views of each image (turned, scaled, shifted, masked, with noise); encoder 64 – ${hiddenUnits} – ${hiddenUnits} – ${dimension}, embeddings of unit length. Loss: the mean squared distance of the two views + weight × spreading term of each view's batch of ${batchSize}. ${steps} steps of AdamW, learning rate ${learningRate} falling to zero along a cosine, weight decay ${weightDecay}.`,
    `Then a linear probe: ridge regression on ${labelsPerClass} labels a class, the mean error over ${labelDraws} draws of such labels. Weights were chosen on rows of the pool, on other seeds.`,
  ];
}
