/** Lines of CSV that spreadsheets read as data, and terminals as text, whatever names a file has. JSON has names to the letter. */
import { printable } from "./format-number.js";

/**
 * Writes a line of CSV. `null` and `undefined` are empty cells, lists are their entries with spaces between, numbers are as JSON has them. A text that a
 * spreadsheet would take for a formula is written so that it stays text.
 */
export function csvLine(values: readonly unknown[]): string {
  return values.map(cell).join(",");
}

function cell(value: unknown): string {
  if (typeof value === "number" || value === null || value === undefined) return String(value ?? "");
  const text = printable(Array.isArray(value) ? value.join(" ") : String(value));
  // Spreadsheets run what begins like a formula, in some places with letters of full width.
  const safe = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
