/** What the repository says of its results is what they are. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RECORD_FILE } from "../paths.js";
import { regimesPicture } from "./picture.js";
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

  it("are what the picture shows", () => {
    const picture = readFileSync(new URL("../../../../docs/images/regimes.svg", import.meta.url), "utf8");
    expect(picture).toBe(regimesPicture(regimes));
  });

  it("have every suggested weight within the window that worked", () => {
    const told = regimes.flatMap((record) =>
      (record.suggestions ?? []).flatMap(({ arm, weights }) =>
        weights.flatMap((weight) => (weight === null ? [] : [{ record, arm, weight }])),
      ),
    );
    expect(told.length).toBeGreaterThan(0);
    for (const { record, arm, weight } of told) {
      expect(record.sweep, `${record.name}: windows are of the sweep's own seeds`).toBeDefined();
      expect(isWithin(weight, windowOf(record, arm)), `${record.name}, ${arm}: ${weight}`).toBe(true);
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
