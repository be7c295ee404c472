/**
 * `--export`: every pair that was kept and every group of copies, with names, for other programs. What the file is called says what it holds: `.csv` and
 * `.parquet` pairs, `.json` groups.
 */
import type { LayerDetails } from "@comhe/audit";
import { compactJson, csvLine } from "@comhe/audit/text";

export type ExportKind = "csv" | "json" | "parquet";

/** `undefined` for names that say nothing known. */
export function exportKind(file: string): ExportKind | undefined {
  return (["csv", "json", "parquet"] as const).find((kind) => file.toLowerCase().endsWith(`.${kind}`));
}

export async function exportDetails(details: readonly LayerDetails[], kind: ExportKind): Promise<string | Uint8Array> {
  if (kind === "json") return groupsJson(details);
  const pairs = details.flatMap(({ file, layer, pairs, names }) =>
    pairs.map(({ a, b, cosine }) => [file, layer, a, b, cosine, names?.[a] ?? null, names?.[b] ?? null] as const),
  );
  if (kind === "csv") return `${[csvLine(columns), ...pairs.map(csvLine), ""].join("\n")}`;
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const types = ["STRING", "STRING", "INT32", "INT32", "DOUBLE", "STRING", "STRING"] as const;
  const columnData = columns.map((name, n) => ({
    name,
    data: pairs.map((pair) => pair[n] ?? null),
    type: types[n]!,
    nullable: n > 4,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const columns = ["file", "layer", "a", "b", "cosine", "name a", "name b"] as const;

function groupsJson(details: readonly LayerDetails[]): string {
  const layers = details
    .filter(({ groups }) => groups.length > 0)
    .map(({ file, layer, groups, names, complete }) => ({
      file,
      layer,
      complete,
      groups: groups.map((rows) => ({ rows, ...(names && { names: rows.map((row) => names[row]) }) })),
    }));
  return `${compactJson({ version: 1, layers })}\n`;
}
