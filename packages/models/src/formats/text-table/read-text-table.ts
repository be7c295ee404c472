/** Rows of a text table as vectors. The file is gone through once to count its rows; parts are read from the nearest place known. */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelParts, ReadContext } from "../../format.js";
import type { SkippedTensor } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { forEachLine, indexLines } from "../../tables/line-reader.js";
import { isNumber, parseNumber } from "../../tables/parse-number.js";
import { layerOfColumn, nameColumn } from "../../tables/vector-column.js";
import { fieldPlaces, space, unquoted } from "./fields.js";
import { planTable, type TablePlan } from "./plan.js";

/** Lines that a plan is made by. */
const sampled = 50;
/** A row takes two bytes for each number at least: what claims more is no table. */
const mostNames = 20_000_000;
const quote = 34;

/** @throws EnergyError `invalid-file` */
export async function readTextTable(source: ByteSource, { neighbours }: ReadContext): Promise<ModelParts> {
  const fail = (problem: string) =>
    new EnergyError(
      "invalid-file",
      `${source.name}: not a sound table of numbers: ${problem}. Correct the file, or save its numbers as .npy: numpy.save.`,
    );
  const lines: string[] = [];
  const starts: number[] = [];
  const decoder = new TextDecoder();
  await forEachLine(source, byteOrderMark(await source.read(0, Math.min(3, source.size))), (line, start) => {
    lines.push(decoder.decode(line));
    starts.push(start);
    return lines.length < sampled;
  });
  const plan = planTable(lines);
  if (typeof plan === "string") throw fail(plan);
  const dim = plan.numbers.length;
  if (dim < 2) throw fail(`expected at least two columns of numbers, got ${dim === 0 ? "none" : "one"}`);
  const first = starts[plan.headerLines] ?? source.size;
  const index = await indexLines(source, first);
  const count = index.count;
  if (count === 0) throw fail("it has a header and no rows");
  if (plan.claim && plan.claim.rows !== count) {
    throw fail(`its first line says ${plan.claim.rows} rows, and it has ${count}: it is cut short or altered`);
  }
  const read = async (from: number, length: number) => {
    const result = new Float32Array(length);
    if (length === 0) return result;
    const [low, high] = [Math.floor(from / dim), Math.ceil((from + length) / dim)];
    const nearest = index.before(low);
    const row = new Float64Array(dim);
    let n = nearest.line;
    await forEachLine(source, nearest.start, (line) => {
      if (n >= low) {
        const problem = parseRow(line, plan, row);
        if (problem !== undefined) throw fail(`row ${n}, counted from 0 after any header: ${problem}`);
        for (let k = 0; k < dim; k++) {
          const at = n * dim + k - from;
          if (at >= 0 && at < length) result[at] = row[k]!;
        }
      }
      return ++n < high;
    });
    return result;
  };
  const { names, notes } = await namesOf(source, neighbours, plan, count, first);
  const skipped: SkippedTensor[] = Array.from({ length: plan.fields }, (_, n) => n)
    .filter((n) => !plan.numbers.includes(n))
    .map((n) => ({
      name: plan.titles?.[n] || `column ${n}`,
      shape: [count],
      dataType: "text",
      reason: n === plan.name ? "names of the rows" : "no dimension of the vectors",
    }));
  const note = "numbers written as text, read as float32";
  const column = { name: "vectors", count, dim, dataType: "text", note, read, ...(names && { rowNames: names }) };
  const left = plan.countsRows
    ? ["its first column counts the rows and was left out (if it belongs to the vectors: give the table a header)"]
    : [];
  return { layers: [layerOfColumn(column)], skipped, notes: [...left, ...notes] };
}

const byteOrderMark = (start: Uint8Array) => (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0);

/** Fills a row's numbers. @returns what is wrong, if anything is */
function parseRow(
  line: Uint8Array,
  { delimiter, fields, numbers, name, countsRows }: TablePlan,
  row: Float64Array,
): string | undefined {
  const places = fieldPlaces(line, delimiter, fields, name === 0 && delimiter === space);
  if (places.length !== 2 * fields) return `expected ${fields} fields, got ${places.length / 2}`;
  if (countsRows) {
    const [from, to] = trimmed(line, places[0]!, places[1]!);
    // The first rows only look like a count where a later one holds another number: nothing is left out by a guess.
    if (!Number.isInteger(parseNumber(line, from, to))) {
      return `its first column counts the rows before, and here it doesn't: give the table a header that says what it is ("index", or a name for a column of the vectors)`;
    }
  }
  for (let k = 0; k < numbers.length; k++) {
    const [from, to] = trimmed(line, places[2 * numbers[k]!]!, places[2 * numbers[k]! + 1]!);
    const value = parseNumber(line, from, to);
    if (Number.isNaN(value) && !isNumber(line, from, to)) {
      return `expected a number in field ${numbers[k]}, got ${JSON.stringify(new TextDecoder().decode(line.subarray(from, Math.min(to, from + 40))))}`;
    }
    row[k] = value;
  }
  return undefined;
}

function trimmed(line: Uint8Array, from: number, to: number): readonly [number, number] {
  const blank = (code: number | undefined) => code === space || code === 9 || code === quote;
  while (from < to && blank(line[from])) from++;
  while (to > from && blank(line[to - 1])) to--;
  return [from, to];
}

/** The table's own column of names, or the projector's metadata beside it. */
async function namesOf(
  source: ByteSource,
  neighbours: ReadContext["neighbours"],
  plan: TablePlan,
  count: number,
  first: number,
): Promise<{ names?: () => Promise<readonly string[]>; notes: string[] }> {
  if (count > mostNames) return { notes: [] };
  if (plan.name !== undefined) {
    const { name, delimiter, fields } = plan;
    const names = async () => {
      const result: string[] = [];
      const decoder = new TextDecoder();
      await forEachLine(source, first, (line) => {
        const places = fieldPlaces(line, delimiter, fields, name === 0 && delimiter === space);
        const text = decoder.decode(line.subarray(places[2 * name] ?? 0, places[2 * name + 1] ?? 0));
        result.push(unquoted(text, delimiter));
        return true;
      });
      return result;
    };
    return { names, notes: [] };
  }
  const base = source.name
    .replace(/[?#].*$/, "")
    .split(/[\\/]/)
    .at(-1)!;
  const beside = /^(.*?)(vectors|vecs|tensors)(.*)\.tsv$/i.exec(base);
  if (beside === null) return { notes: [] };
  for (const word of ["metadata", "meta"]) {
    const file = await neighbours.open(`${beside[1]}${word}${beside[3]}.tsv`);
    if (file === undefined) continue;
    try {
      const lines: string[] = [];
      const decoder = new TextDecoder();
      await forEachLine(file, 0, (line) => lines.push(decoder.decode(line)) <= count + 1);
      // One column has no header, several have one: https://github.com/tensorflow/tensorboard, projector plugin.
      const header = lines[0]?.includes("\t") ? lines.shift()!.split("\t") : undefined;
      if (lines.length !== count) {
        return { notes: [`${file.name} has names for ${lines.length} rows, not for ${count}: left aside`] };
      }
      const chosen = header === undefined ? 0 : Math.max(0, header.indexOf(nameColumn(header) ?? header[0]!));
      return { names: async () => lines.map((line) => line.split("\t")[chosen] ?? ""), notes: [] };
    } finally {
      await file.close?.();
    }
  }
  return { notes: [] };
}
