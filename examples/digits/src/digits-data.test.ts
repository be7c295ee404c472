import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { UserError } from "@comhe-examples/study-kit/worker";
import { describe, expect, it } from "vitest";
import { loadDigits } from "./digits-data.js";
import { DATA_FILE } from "./paths.js";

/** The real file with its text or its bytes damaged. */
function damaged(change: (lines: string[]) => string[], cut = 0): string {
  const lines = gunzipSync(readFileSync(DATA_FILE)).toString("utf8").trimEnd().split("\n");
  const bytes = gzipSync(`${change(lines).join("\n")}\n`);
  const path = join(mkdtempSync(join(tmpdir(), "digits-")), "digits.csv.gz");
  writeFileSync(path, bytes.subarray(0, bytes.length - cut));
  return path;
}

function replaceCell(row: number, column: number, value: string) {
  return (lines: string[]) =>
    lines.map((line, i) => (i === row ? line.split(",").with(column, value).join(",") : line));
}

describe("loadDigits", () => {
  it("reads the 1,797 digits", () => {
    const { rows, pixels, labels } = loadDigits(DATA_FILE);
    expect(rows).toBe(1797);
    expect(pixels).toHaveLength(1797 * 64);
    expect([...pixels.subarray(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
    expect([...labels.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(Math.max(...pixels)).toBe(16);
    expect(new Set(labels).size).toBe(10);
  });

  it.each([
    ["a missing file", "/no/such/digits.csv.gz", /expected the digits data file, but it can't be read \(ENOENT/],
    [
      "a truncated file",
      damaged((lines) => lines, 1000),
      /expected a whole gzip file, got \d+ bytes that don't unpack/,
    ],
    ["missing rows", damaged((lines) => lines.slice(0, 100)), /expected 1797 rows, got 100/],
    [
      "a missing column",
      damaged((lines) => lines.with(4, lines[4]!.slice(2))),
      /row 5: .* \(65 columns\), got 64 columns/,
    ],
    [
      "a pixel out of range",
      damaged(replaceCell(9, 3, "17")),
      /row 10, column 4: expected a whole number from 0 to 16, got "17"/,
    ],
    [
      "a class out of range",
      damaged(replaceCell(0, 64, "10")),
      /row 1, column 65: expected a whole number from 0 to 9, got "10"/,
    ],
    ["a fraction", damaged(replaceCell(0, 0, "0.5")), /column 1: expected a whole number .* got "0.5"/],
    ["an empty cell", damaged(replaceCell(0, 0, "")), /column 1: expected a whole number .* got ""/],
  ])("refuses %s and says what to do", (_, path, message) => {
    expect(() => loadDigits(path)).toThrow(UserError);
    expect(() => loadDigits(path)).toThrow(message);
    expect(() => loadDigits(path)).toThrow("Restore data/digits.csv.gz");
  });
});
