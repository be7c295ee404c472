/** `npm run plots --workspace=benchmarks`: `docs/benchmarks.md` and its pictures, from `results/*.json`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import type { Figure } from "@comhe-examples/study-kit";
import { withEngines } from "./report/engines.js";
import { growthFigure, memoryFigure, ratioFigure, speedFigure, timeFigure } from "./report/figures.js";
import { gpuSection, readGpuResults } from "./report/gpu.js";
import {
  caseTables,
  ceilingBlocks,
  costTables,
  growthTable,
  libraryTables,
  memoryTables,
  type Picture,
  page,
  type Section,
  variationTables,
} from "./report/markdown.js";
import { type PartResults, type Provenance, type ResultsFile, readResults, resultsFolder } from "./results.js";
import { growthSweeps, pairwiseCases } from "./task/cases.js";

const { values } = parseArgs({
  options: {
    results: { type: "string", default: resultsFolder },
    docs: { type: "string", default: join(import.meta.dirname, "..", "..", "docs") },
  },
});
const images = join(values.docs, "images");
mkdirSync(images, { recursive: true });

/** As a file of its own: on white, since nothing tells it the reader's colours. */
function save(name: string, { svg, caption }: Figure): Picture {
  const file = `benchmark-${name}.svg`;
  const title = /<title>(.*?)<\/title>/.exec(svg)![1]!;
  const standalone = svg
    .replace(/^<svg(?![^>]*xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"')
    .replace(/(<title>.*?<\/title>)/, '$1<rect width="100%" height="100%" fill="white"/>')
    .replace("font-family:inherit", "font-family:system-ui,sans-serif");
  writeFileSync(join(images, file), `${standalone}\n`);
  return { file, title, caption };
}

function read<P extends keyof PartResults>(part: P): ResultsFile<P> | undefined {
  const file = readResults(values.results, part);
  if (!file) console.log(`${part}: no results, left out. npm run bench -- --parts ${part} makes them.`);
  return file && { ...file, results: withEngines(file.results, file.versions.node ?? "") };
}

const sections: Section[] = [];
const files = {
  pairwise: read("pairwise"),
  random: read("random"),
  network: read("network"),
  growth: read("growth"),
  memory: read("memory"),
  cost: read("cost"),
  libraries: read("libraries"),
  variations: read("variations"),
};

function casesSection(
  heading: string,
  name: string,
  what: string,
  { results: cases, ceilings }: ResultsFile<"pairwise" | "random" | "network">,
): Section {
  return {
    heading,
    pictures: [
      save(`${name}-time`, timeFigure(cases, what)),
      save(`${name}-ratio`, ratioFigure(cases, what)),
      save(`${name}-speed`, speedFigure(cases, what)),
    ],
    blocks: caseTables(cases, ceilings?.peak),
  };
}

/** Of a part that was measured in another run than what the page's head speaks of: when, and by which versions. */
function sinceThen({ date, versions, ceilings }: Provenance): string[] {
  const head = files.pairwise;
  if (!head || (head.date === date && isDeepStrictEqual(head.versions, versions))) return [];
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`Measured on ${date}, by ${list.join(", ")}.`, ...(ceilings ? ceilingBlocks(ceilings) : [])];
}

if (files.pairwise) {
  sections.push(casesSection("Pairwise energy, half space, s = 2", "pairwise", "half space, s = 2", files.pairwise));
}
if (files.random) {
  const what = "half space, s = 2, k = 40, C = 20";
  sections.push(casesSection("Random projections, k = 40, C = 20", "random", what, files.random));
}
if (files.network) {
  const what = "the paper's nine layers, a whole regularizer step";
  sections.push(casesSection("The paper's network, all layers at once", "network", what, files.network));
}
if (files.growth) {
  const { results } = files.growth;
  const first = (sweep: readonly { id: string }[]) => results.cases.find(({ id }) => id === sweep[0]!.id)!;
  sections.push({
    heading: "How the time grows",
    pictures: [
      save("growth-count", growthFigure(results, "count", first(growthSweeps.count))),
      save("growth-dim", growthFigure(results, "dim", first(growthSweeps.dim))),
    ],
    blocks: [growthTable(results.fitted)],
  });
}
if (files.memory) {
  sections.push({
    heading: "Peak memory",
    pictures: [save("memory", memoryFigure(files.memory.results))],
    blocks: memoryTables(files.memory.results),
  });
}
if (files.cost) {
  const heading = "What the regularizer adds to a training step (tfjs wasm)";
  sections.push({ heading, pictures: [], blocks: [...sinceThen(files.cost), ...costTables(files.cost.results)] });
}

if (files.libraries) {
  const heading = "Beside libraries of kernels and of neighbours";
  sections.push({
    heading,
    pictures: [],
    blocks: [...sinceThen(files.libraries), ...libraryTables(files.libraries.results)],
  });
}

if (files.variations) {
  const all = [...(files.pairwise?.results ?? []), ...files.variations.results];
  const words = "Each size opens a table of the median milliseconds of energy and gradient.";
  const blocks = [words, ...variationTables(all, pairwiseCases)];
  sections.push({ heading: "Other spaces and exponents", pictures: [], blocks });
}

sections.push(gpuSection(readGpuResults(values.results)));

const anyFile = Object.values(files).find((file) => file !== undefined);
if (anyFile) {
  const path = join(values.docs, "benchmarks.md");
  writeFileSync(path, page(anyFile, sections));
  console.log(`written: ${path}`);
} else {
  process.exitCode = 1;
}
