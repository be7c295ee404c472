/**
 * Tables of vectors: a row is a neuron. Whatever a format calls them (columns of lists, lines of text, records), a column of
 * vectors becomes a layer, and a table that has none is one matrix of its columns of numbers.
 */
import type { FloatArray } from "@comhe/core/layouts";
import type { LayerSource } from "../layer-source.js";

export interface VectorColumn {
  readonly name: string;
  /** N. */
  readonly count: number;
  /** d. */
  readonly dim: number;
  /** The type of its numbers as they are stored: "float32". */
  readonly dataType: string;
  readonly note?: string | undefined;
  /** Numbers `from` … `from + count`, row by row. @throws EnergyError `invalid-file` */
  read(from: number, count: number): Promise<FloatArray>;
  /** Names of the rows, where the table has them. */
  readonly rowNames?: (() => Promise<readonly string[] | undefined>) | undefined;
}

export function layerOfColumn({ name, count, dim, dataType, note, read, rowNames }: VectorColumn): LayerSource {
  return {
    name,
    kind: "vectors",
    shape: [count, dim],
    layout: "neurons-first",
    dataType,
    note,
    read: () => read(0, count * dim),
    readPart: read,
    ...(rowNames && { rowNames }),
  };
}

const likelyNames = /^(name|word|token|term|label|title|id|key|text|item|entity)s?$/i;

/** Which of a table's columns of text names its rows: the one with such a title, or the only one. */
export function nameColumn(columns: readonly string[]): string | undefined {
  const likely = columns.filter((name) => likelyNames.test(name));
  // In the order of the words above: a name says more than an identifier.
  const words = ["name", "word", "token", "term", "label", "title", "id", "key", "text", "item", "entity"];
  const rank = (name: string) => words.indexOf(name.toLowerCase().replace(/s$/, ""));
  return likely.sort((a, b) => rank(a) - rank(b))[0] ?? (columns.length === 1 ? columns[0] : undefined);
}
