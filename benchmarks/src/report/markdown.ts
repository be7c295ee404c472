/** `docs/benchmarks.md`, written from the results: nothing in it is typed by hand. */

import type { Ceilings } from "../ceilings.js";
import type { CostCase } from "../cost/cost-case.js";
import { mebibytes, milliseconds, percent } from "../format.js";
import type { CaseResult } from "../measure/case-result.js";
import type { Growth } from "../parts/growth.js";
import type { LibraryCase } from "../parts/libraries.js";
import type { MemoryResults } from "../parts/memory.js";
import type { Provenance } from "../results.js";
import { enginesInWords } from "./engines.js";

export interface Picture {
  readonly file: string;
  readonly title: string;
  readonly caption: string;
}

export interface Section {
  readonly heading: string;
  readonly pictures: readonly Picture[];
  readonly blocks: readonly string[];
}

const introduction = `# Benchmarks

This page shows how long one training step's energy and gradient take on every backend of this project, and with the tools that one would use without it.
\`npm run plots --workspace=benchmarks\` writes the page from \`benchmarks/results\`, which \`npm run bench\` records
(\`npm run bench -- --help\` says how to run a part).

- **Interleaved.** In each case all candidates run alternately, call by call, in a single run, so that whatever slows the machine slows all of them alike. Slow
  candidates get fewer calls.
- **Checked first.** Before a candidate is timed, its energy and gradient are compared with float64; the tables show the errors.
- **Everything included.** Our backends take data from host memory and return results there, and the times include validation and copies. PyTorch, ONNX Runtime's literal
  graph and tfjs get the weights in the form that suits them best.
- **Peers.** *PyTorch, authors' formulation* computes all 2N points {x, −x} with N×N arrays and automatic differentiation (autograd). *Folded, autograd* folds half space into one Gram
  matrix (the matrix of all cosines), the best that plain autograd allows. *Closed form, tiled* has the gradient written by hand, for the upper triangle only, in blocks of rows, in place. *ONNX Runtime literal
  graph* and *tfjs autodiff* are the published formulation. *Plain JavaScript* is blocked loops over typed arrays on one thread.
${enginesInWords}
- **GFLOP/s are nominal**: they count 3N²d operations for a pairwise energy, and the products of the projections where there are any, whatever a candidate really computes.
- **Of the peak**: GFLOP/s as a share of the rate that the processor's widest multiply-add instructions reach on all threads, measured in the same run.`;

export function page(where: Provenance, sections: readonly Section[]): string {
  const { machine, versions, date } = where;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const origin = `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${list.join(", ")}.`;
  const ceilings = where.ceilings ? ceilingBlocks(where.ceilings) : [];
  const body = sections.map(({ heading, pictures, blocks }) =>
    [`## ${heading}`, ...pictures.map(picture), ...blocks].join("\n\n"),
  );
  return `${[introduction, origin, ...ceilings, ...body].join("\n\n")}\n`;
}

/** What the machine could do. */
export function ceilingBlocks({ flags, rows }: Ceilings): string[] {
  const lines = rows.map(({ name, gflops, skipped }) => [name, gflops?.toFixed(0) ?? `not measured: ${skipped}`]);
  return [`Its instructions: ${flags.join(" ")}.`, table(["what it could do", "GFLOP/s"], lines)];
}

function picture({ file, title, caption }: Picture): string {
  return `![${title}](images/${file})\n\n${caption}`;
}

/** @param peak what shares are of, GFLOP/s */
export function caseTables(cases: readonly CaseResult[], peak?: number): string[] {
  return cases.map(({ title, nominalGflop, candidates, measured }) => {
    const rows = candidates.map(({ name, ours, timing, errors, gflops, skipped }) => {
      const label = ours ? `**${name}**` : name;
      if (!timing) return [label, skipped ?? "", "", "", "", "", "", ""];
      return [
        label,
        milliseconds(timing.median),
        milliseconds(timing.best),
        milliseconds(timing.spread),
        gflops!.toFixed(1),
        percent(gflops!, peak),
        errors!.energy.toExponential(0),
        errors!.gradient.toExponential(0),
      ];
    });
    const head = ["", "median ms", "best", "spread", "GFLOP/s", "of the peak", "energy error", "gradient error"];
    const when = measured ? `Measured earlier, on ${measured}.\n\n` : "";
    return folded(`${title} (${nominalGflop.toPrecision(3)} GFLOP)`, `${when}${table(head, rows)}`);
  });
}

/**
 * Medians of the variations around a headline, spaces and exponents, a table for each size, and in words what is missing.
 * @param expected all that the tables would have, measured or not
 */
export function variationTables(
  cases: readonly CaseResult[],
  expected: readonly { readonly title: string }[],
): string[] {
  const split = (title: string) => /^([^,]*), (.*)$/.exec(title)!.slice(1) as [size: string, variation: string];
  const names = [...new Set(cases.flatMap(({ candidates }) => candidates.map(({ name }) => name)))];
  const variations = [...new Set(expected.map(({ title }) => split(title)[1]))];
  const sizes = [...new Set(expected.map(({ title }) => split(title)[0]))];
  const caseOf = (size: string, variation: string) => cases.find(({ title }) => title === `${size}, ${variation}`);
  const tables = sizes.flatMap((size) => {
    const rows = names.flatMap((name) => {
      const medians = variations.map(
        (variation) => caseOf(size, variation)?.candidates.find((each) => each.name === name)?.timing?.median,
      );
      if (medians.every((median) => median === undefined)) return [];
      return [[name, ...medians.map((median) => (median === undefined ? "–" : milliseconds(median)))]];
    });
    return rows.length === 0 ? [] : [folded(size, table(["median ms", ...variations], rows))];
  });
  const missing = sizes.flatMap((size) => {
    const of = variations.filter((variation) => !caseOf(size, variation));
    return of.length === 0 ? [] : [`${size}: ${of.join("; ")}`];
  });
  return [
    ...tables,
    ...earlierDates(cases),
    ...(missing.length === 0 ? [] : [`Not measured yet:\n\n${missing.map((each) => `- ${each}`).join("\n")}`]),
  ];
}

/** Which cases are from an earlier run than the others. */
function earlierDates(cases: readonly CaseResult[]): string[] {
  const lines = cases.flatMap(({ title, measured }) => (measured ? [`- ${title}: ${measured}`] : []));
  return lines.length === 0 ? [] : [`Measured earlier than the rest:\n\n${lines.join("\n")}`];
}

export function growthTable(fitted: readonly Growth[]): string {
  const rows = fitted
    .filter(({ count, dim }) => count !== undefined || dim !== undefined)
    .map(({ name, count, dim }) => [name, count?.toFixed(2) ?? "–", dim?.toFixed(2) ?? "–"]);
  return table(["time grows as", "N^p, p at d = 256", "d^q, q at N = 1024"], rows);
}

export function memoryTables({ peaks, flatness }: MemoryResults): string[] {
  const titles = [...new Set(peaks.map(({ title }) => title))];
  const names = [...new Set(peaks.map(({ name }) => name))];
  const rows = names.map((name) => [
    name,
    ...titles.map((title) => {
      const found = peaks.find((each) => each.name === name && each.title === title);
      return found?.peakBytes === undefined ? (found?.skipped ?? "–") : mebibytes(found.peakBytes);
    }),
  ]);
  const marks = [...new Set(flatness.flatMap(({ after }) => Object.keys(after)))];
  const flat = flatness.map(({ name, after }) => [
    name,
    ...marks.map((mark) => (after[Number(mark)] ? mebibytes(after[Number(mark)]!) : "–")),
  ]);
  return [
    table(["peak MiB above the inputs", ...titles], rows),
    "Resident memory of the whole process over many calls, 64×576, half space, s = 2:",
    table(["MiB", ...marks.map((mark) => `after ${mark} calls`)], flat),
  ];
}

export function costTables(cases: readonly CostCase[]): string[] {
  const tables = cases.map(({ network, batch, timings }) => {
    const rows = timings.map(({ name, median, best, ratio }) => [
      name,
      milliseconds(median),
      milliseconds(best),
      `${((ratio - 1) * 100).toFixed(0)} %`,
    ]);
    const head = [`${network}, batch ${batch}`, "median ms a step", "best", "added to a step"];
    return table(head, rows);
  });
  return [
    "Each row is trained in processes of its own, some of each by turns, as a user trains one network; a process counts by the median of its steps. *Added to a " +
      "step* is the median of what the processes of a round say, each compared with the one without.",
    ...tables,
  ];
}

/** Ours beside libraries whose own case it is. */
export function libraryTables(cases: readonly LibraryCase[]): string[] {
  const blocks = cases.map(({ title, rows, measured }) => {
    const lines = rows.map(({ name, ours, median, best, difference, skipped }) => {
      const label = ours ? `**${name}**` : name;
      if (median === undefined) return [label, skipped ?? "", "", ""];
      return [label, milliseconds(median), milliseconds(best!), difference === 0 ? "" : difference!.toExponential(0)];
    });
    const when = measured ? `, measured earlier, on ${measured}` : "";
    return table([`${title}${when}`, "median ms", "best", "difference"], lines);
  });
  return [
    "All run alternately on two threads. KeOps sums kernels of points, which it receives as directions, and compiles each formula before it is timed. faiss " +
      "finds the two largest products of each row, which are the row itself and its nearest other one. Our backends take the rows as they are. *Difference* is that of the energy, or " +
      "of the mean cosine, from the first row's.",
    ...blocks,
  ];
}

/** What a reader opens to look a number up; the pictures are for everyone. */
export function folded(summary: string, markdown: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${markdown}\n\n</details>`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
