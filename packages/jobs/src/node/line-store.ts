/**
 * Results of a study in one file, a line of JSON each, as `runs.jsonl` has always been: `{ key, result }` with the run's own key. For one
 * process at a time; what several write is a folder's.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { EnergyError } from "@comhe/core/layouts";
import { pieceAt, pieceName } from "../plan/pieces.js";
import type { StudyPlan } from "../plan/schema.js";
import type { ResultStore } from "../store/result-store.js";
import type { StoredResult } from "../store/stored-result.js";

const unknownMaker = { worker: "before", backend: "unknown" } as const;

/**
 * A store of a study's runs in a file of lines, those of earlier versions included. A line that was cut short is dropped; the last one wins
 * where a key appears twice.
 *
 * @param isRun whether what a line holds is a run as it is today; one that isn't is made again. Default: all are
 */
export async function lineStore(
  path: string,
  plan: StudyPlan,
  isRun: (result: unknown) => boolean = () => true,
): Promise<ResultStore> {
  mkdirSync(dirname(path), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  let endsWithinLine = text !== "" && !text.endsWith("\n");
  const byKey = new Map<string, unknown>();
  for (const line of text.split("\n")) {
    const run = parseLine(line);
    if (run !== undefined && isRun(run.result)) byKey.set(run.key, run.result);
  }
  const keys = new Map<string, string>();
  const results = new Map<string, StoredResult>();
  for (let n = 0; n < plan.runs.length; n++) {
    const piece = await pieceName(plan, pieceAt(plan, n));
    const { key } = plan.runs[n]!;
    keys.set(piece, key);
    if (byKey.has(key)) results.set(piece, { piece, by: unknownMaker, milliseconds: 0, value: byKey.get(key) });
  }
  return {
    get: async (piece) => results.get(piece),
    names: async () => new Set(results.keys()),
    async put(result) {
      const key = keys.get(result.piece);
      if (key === undefined || results.has(result.piece)) return false;
      if (!isRun(result.value))
        throw new EnergyError(
          "invalid-state",
          `run ${key}: expected a result as this study makes them, got another kind. Was it made by other code?`,
        );
      const file = openSync(path, "a");
      try {
        writeSync(
          file,
          `${endsWithinLine ? "\n" : ""}${JSON.stringify({ key, result: result.value, by: result.by })}\n`,
        );
        fsyncSync(file);
        endsWithinLine = false;
      } catch (error) {
        endsWithinLine = true;
        throw error;
      } finally {
        closeSync(file);
      }
      results.set(result.piece, result);
      return true;
    },
  };
}

function parseLine(line: string): { readonly key: string; readonly result: unknown } | undefined {
  try {
    const value = JSON.parse(line) as { key?: unknown; result?: unknown } | null;
    return typeof value?.key === "string" && value.result !== undefined
      ? { key: value.key, result: value.result }
      : undefined;
  } catch {
    // Cut short, or empty.
    return undefined;
  }
}
