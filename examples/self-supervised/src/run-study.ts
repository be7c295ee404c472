/** The main job: every arm on every seed, then the table, the results file, the report and the picture. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { uniformEnergy } from "@comhe/core";
import {
  describeMachine,
  describeVersions,
  formatDuration,
  formatFixed,
  formatP,
  formatSigned,
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
import { ARMS_FILE, DATA_FILE, TUNING_FILE } from "./paths.js";
import { regime } from "./regime.js";
import { type Summary, summarizeArms } from "./summary.js";
import { COLUMNS, rowOf } from "./table.js";
import { trainAll } from "./train-all.js";

export async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const { labels } = loadDigits(DATA_FILE);
  const arms = selectArms(loadArms(ARMS_FILE, TUNING_FILE, line.dimension), line.arms);
  console.error(`${arms.length} arms × ${line.seeds} paired seeds, ${line.dimension} dimensions, ${line.steps} steps.`);
  const seeds = Array.from({ length: line.seeds }, (_, n) => n + 1);
  const summaries = summarizeArms(await trainAll(arms, seeds, line, signal));
  console.log(renderTable(COLUMNS, summaries.map(rowOf)));
  console.log(`\n${headline(summaries)}\n`);
  for (const path of writeResults(line, summaries, labels.subarray(regime.poolRows))) console.log(path);
  console.error(`Done in ${formatDuration(performance.now() - start)}.`);
}

/** What the intervals allow, and no more. */
export function headline(summaries: readonly Summary[]): string {
  const best = summaries.reduce((a, b) => (b.testError.mean < a.testError.mean ? b : a));
  const opening = `The least mean test error is that of ${best.arm.label}, ${formatFixed(best.testError.mean)} %.`;
  const others = summaries.filter(({ difference }) => difference?.low != null);
  if (others.length === 0) return opening;
  const worse = others.filter(({ difference }) => difference!.low! > 0);
  const better = others.filter(({ difference }) => difference!.high! < 0);
  const open = others.filter((each) => !worse.includes(each) && !better.includes(each));
  const list = (of: readonly Summary[]) =>
    of
      .map(({ arm, difference }) => `${arm.label} (${formatSigned(difference!.mean)}, p = ${formatP(difference!.p!)})`)
      .join(", ");
  return [
    opening,
    worse.length > 0 ? `Worse than MHE with s = 2: ${list(worse)}.` : "",
    better.length > 0 ? `Better: ${list(better)}.` : "",
    open.length > 0 ? `Not told apart from it by these seeds: ${open.map(({ arm }) => arm.label).join(", ")}.` : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function writeResults(line: CommandLine, summaries: readonly Summary<Arm>[], labels: Uint8Array): string[] {
  const { dimension, seeds, steps, out } = line;
  const machine = describeMachine();
  const versions = describeVersions(import.meta.url);
  const date = new Date().toISOString();
  const random = uniformEnergy({ kind: "riesz", s: 0, distance: "chordal" }, "full", labels.length, dimension);
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
          renderHtmlTable({ caption: "Every arm", head: COLUMNS, rows: summaries.map(rowOf) }),
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
    "report.html": report,
  };
  if (picture) files["embeddings.svg"] = standalone(picture.svg);
  mkdirSync(out, { recursive: true });
  return Object.entries(files).map(([name, content]) => {
    const path = join(out, name);
    writeFileSync(path, content);
    return path;
  });
}

/** A file of its own has no page to take colours and fonts from. */
function standalone(svg: string): string {
  const named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  const styled = named.replace("background:none", "background:#fff;color:#333");
  return `${styled.replace("font-family:inherit", "font-family:system-ui,sans-serif")}\n`;
}

function setting({ dimension, seeds, steps }: CommandLine): string[] {
  const { poolRows, batchSize, hiddenUnits, learningRate, weightDecay, labelsPerClass, labelDraws } = regime;
  return [
    `Real handwritten digits, 8 × 8 pixels: ${poolRows} without their labels train the encoder, 797 by other writers are the test set of each of the ${seeds} seeds.`,
    `Two random views of each image (turned, scaled, shifted, masked, with noise); encoder 64 – ${hiddenUnits} – ${hiddenUnits} – ${dimension}, embeddings of unit length. Loss: the mean squared distance of the two views + weight × spreading term of each view's batch of ${batchSize}. ${steps} steps of AdamW, learning rate ${learningRate} falling to zero along a cosine, weight decay ${weightDecay}.`,
    `Then a linear probe: ridge regression on ${labelsPerClass} labels a class, the mean error over ${labelDraws} draws of such labels. Weights were chosen on rows of the pool, on other seeds.`,
  ];
}
