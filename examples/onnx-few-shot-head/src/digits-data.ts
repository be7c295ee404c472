/** The digits of the digits example: 1,797 real ones, 8×8, whole numbers 0–16, and the class. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { UserError } from "@comhe-examples/study-kit";

export const SIDE = 8;
const PIXELS = SIDE * SIDE;
const FILE = fileURLToPath(new URL("../../digits/data/digits.csv.gz", import.meta.url));

export interface Digits {
  readonly rows: number;
  /** rows × 64 */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** @throws UserError where the file isn't what it should be */
export function loadDigits(file = FILE): Digits {
  let text: string;
  try {
    text = gunzipSync(readFileSync(file)).toString("utf8");
  } catch (error) {
    throw new UserError(`${file}: can't be read (${(error as Error).message}). Restore it from the repository.`);
  }
  const cells = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const fits = (row: readonly number[]) =>
    row.length === PIXELS + 1 &&
    row.every((cell, n) => Number.isInteger(cell) && cell >= 0 && cell <= (n < PIXELS ? 16 : 9));
  const wrong = cells.findIndex((row) => !fits(row));
  if (wrong >= 0) {
    throw new UserError(
      `${file}, row ${wrong + 1}: expected ${PIXELS} pixels of 0–16 and a class. Restore it from the repository.`,
    );
  }
  return {
    rows: cells.length,
    pixels: Uint8Array.from(cells.flatMap((row) => row.slice(0, PIXELS))),
    labels: Uint8Array.from(cells, (row) => row[PIXELS]!),
  };
}
