/** What the repository says of its results is what they are. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RECORD_FILE } from "../paths.js";
import { readRecord } from "./record.js";
import { shortTable } from "./short-table.js";
import { conclusions } from "./table.js";
import { isWithin, windowOf, windowsTable } from "./windows.js";

const { regimes } = readRecord(RECORD_FILE);
const page = readFileSync(new URL("../../../../docs/usage/does-it-help-me.md", import.meta.url), "utf8");
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("the recorded results", () => {
  it("stand on the page as they are printed", () => {
    expect(page).toContain(shortTable(regimes));
  });

  it("stand in the README as they are printed", () => {
    for (const line of conclusions(regimes)) expect(readme).toContain(line);
    expect(readme).toContain(windowsTable(regimes));
  });

  it("hold every suggested weight to the window that worked", () => {
    for (const record of regimes) {
      for (const { arm, weights } of record.suggestions ?? []) {
        for (const weight of weights) {
          if (weight !== null)
            expect(isWithin(weight, windowOf(record, arm)), `${record.name}, ${arm}: ${weight}`).toBe(true);
        }
      }
    }
  });
});
