/** The digits as they are in the file, checked value by value: a damaged file must not become a strange result. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { UserError } from "@comhe-examples/study-kit/worker";

export const PIXELS = 64;
const MAX_PIXEL = 16;
const ROWS = 1797;
const CLASSES = 10;

export interface Digits {
  readonly rows: number;
  /** rows × 64, whole numbers 0–16. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

const REMEDY = "Restore data/digits.csv.gz from the repository (git checkout -- data/digits.csv.gz).";

/** @throws UserError that says what was expected, what was found and what to do. */
export function loadDigits(path: string): Digits {
  return parseDigits(unzip(read(path), path), path);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`${path}: expected the digits data file, but it can't be read (${reason(error)}). ${REMEDY}`);
  }
}

function unzip(bytes: Buffer, path: string): string {
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (error) {
    throw new UserError(
      `${path}: expected a whole gzip file, got ${bytes.length} bytes that don't unpack (${reason(error)}). ${REMEDY}`,
    );
  }
}

function parseDigits(text: string, path: string): Digits {
  const lines = text.trimEnd().split("\n");
  if (lines.length !== ROWS) {
    throw new UserError(`${path}: expected ${ROWS} rows, got ${lines.length}. ${REMEDY}`);
  }
  const pixels = new Uint8Array(ROWS * PIXELS);
  const labels = new Uint8Array(ROWS);
  lines.forEach((line, row) => {
    const cells = line.split(",");
    if (cells.length !== PIXELS + 1) {
      throw new UserError(
        `${path}, row ${row + 1}: expected ${PIXELS} pixels and a class (${PIXELS + 1} columns), got ${cells.length} columns. ${REMEDY}`,
      );
    }
    cells.forEach((cell, column) => {
      const isLabel = column === PIXELS;
      const value = parseCell(cell, isLabel ? CLASSES - 1 : MAX_PIXEL, `${path}, row ${row + 1}, column ${column + 1}`);
      if (isLabel) labels[row] = value;
      else pixels[row * PIXELS + column] = value;
    });
  });
  return { rows: ROWS, pixels, labels };
}

function parseCell(cell: string, max: number, where: string): number {
  const text = cell.trim();
  const value = Number(text);
  if (text === "" || !Number.isInteger(value) || value < 0 || value > max) {
    throw new UserError(`${where}: expected a whole number from 0 to ${max}, got "${text}". ${REMEDY}`);
  }
  return value;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
