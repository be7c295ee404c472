/** What the repository says of its results is what they are. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RECORD_FILE } from "../paths.js";
import { readRecord } from "./record.js";
import { shortTable } from "./short-table.js";
import { againstNone, conclusions, difference, STRICT } from "./table.js";
import { isWithin, windowOf, windowsTable } from "./windows.js";

const { regimes } = readRecord(RECORD_FILE);
const page = readFileSync(new URL("../../../../docs/usage/does-it-help-me.md", import.meta.url), "utf8");
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("the recorded results", () => {
  it("stand on the page as they are printed", () => {
    expect(page).toContain(shortTable(regimes));
    for (const line of againstNone(regimes)) expect(page.replaceAll("\n", " ")).toContain(line);
  });

  it("stand in the README as they are printed", () => {
    for (const line of [...againstNone(regimes), ...conclusions(regimes)]) expect(readme).toContain(line);
    expect(readme).toContain(windowsTable(regimes));
  });

  it("have suggested weights within the window that worked on the deep plain digits", () => {
    const record = regimes.find(({ name }) => name === "deep-plain")!;
    for (const { arm, weights } of record.suggestions!) {
      for (const weight of weights) expect(isWithin(weight!, windowOf(record, arm)), `${arm}: ${weight}`).toBe(true);
    }
  });

  it("have no suggested weight where no energy was found to help", () => {
    const helped = (record: (typeof regimes)[number]) =>
      record.arms.some(({ arm }) => {
        const compared = arm.includes("mhe") ? difference(record, arm, "weight-decay") : undefined;
        return compared?.p != null && compared.p < STRICT && compared.mean < 0;
      });
    for (const record of regimes.filter((each) => each.suggestions && !helped(each))) {
      for (const { weights } of record.suggestions!) expect(weights, record.name).toEqual(weights.map(() => null));
    }
  });
});
