/** Lines of a text file of any size: read forward in pieces, and found again by their places, which are kept for every so many lines. */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../source/byte-source.js";

const piece = 2 ** 22;
/** A line of a table: names and some thousands of numbers. */
const longestLine = 2 ** 24;
/** Lines between two places that are kept. */
const every = 1024;
const newline = 10;

/** Goes through lines from a place in the file, without their ends, until `visit` returns false. Empty lines are passed over. */
export async function forEachLine(
  source: ByteSource,
  from: number,
  visit: (line: Uint8Array, start: number) => boolean | undefined,
): Promise<void> {
  let rest = new Uint8Array(0);
  for (let at = from; at < source.size; ) {
    const bytes = await source.read(at, Math.min(piece, source.size - at));
    const start = at - rest.length;
    at += bytes.length;
    let joined = bytes;
    if (rest.length > 0) {
      joined = new Uint8Array(rest.length + bytes.length);
      joined.set(rest);
      joined.set(bytes, rest.length);
    }
    let begin = 0;
    for (let end = joined.indexOf(newline); end >= 0; end = joined.indexOf(newline, begin)) {
      if (!handOver(joined, begin, end, start, visit)) return;
      begin = end + 1;
    }
    rest = joined.slice(begin);
    if (rest.length > longestLine)
      throw new EnergyError("invalid-file", `${source.name}: a line of more than ${longestLine} bytes.`);
  }
  handOver(rest, 0, rest.length, source.size - rest.length, visit);
}

function handOver(
  bytes: Uint8Array,
  begin: number,
  end: number,
  start: number,
  visit: (line: Uint8Array, start: number) => boolean | undefined,
): boolean {
  const last = end > begin && bytes[end - 1] === 13 ? end - 1 : end;
  if (last === begin) return true;
  return visit(bytes.subarray(begin, last), start + begin) !== false;
}

export interface LineIndex {
  readonly count: number;
  /** The nearest line before `line` whose place is known. */
  before(line: number): { readonly line: number; readonly start: number };
}

/** Counts the lines from a place on. */
export async function indexLines(source: ByteSource, from: number): Promise<LineIndex> {
  const places: number[] = [];
  let count = 0;
  await forEachLine(source, from, (_, start) => {
    if (count % every === 0) places.push(start);
    count++;
    return true;
  });
  return {
    count,
    before(line) {
      const n = Math.min(places.length - 1, Math.floor(line / every));
      return { line: n * every, start: places[n] ?? from };
    },
  };
}
