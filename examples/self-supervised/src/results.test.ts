/** What the repository says of its results is what they are. */
import { readFileSync } from "node:fs";
import { formatFixed } from "@comhe-examples/study-kit";
import { expect, it } from "vitest";
import { RESULTS_FOLDER } from "./paths.js";
import { comparedArms, readRecords } from "./record.js";
import { recordText } from "./show-records.js";

const records = readRecords(RESULTS_FOLDER);
const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("every dimension's table and its summing up stand in the README as they are printed", () => {
  const readme = textOf("../README.md");
  expect(records.map(({ dimension }) => dimension)).toEqual([8, 64, 4]);
  for (const record of records) {
    for (const paragraph of recordText(record).split("\n\n")) expect(readme).toContain(paragraph);
    expect(readme).toContain(`${record.seeds} paired seeds`);
  }
});

it("the page that asks whether it helps names the errors of 8 dimensions", () => {
  const errorOf = (name: string) => comparedArms(records[0]!).find(({ arm }) => arm.name === name)!.testError.mean;
  const [collapsed, spread] = [errorOf("none"), errorOf("mhe-2")].map((error) => formatFixed(error, 0));
  expect(textOf("../../../docs/usage/does-it-help-me.md")).toContain(
    `without it the probe errs on ${collapsed} %, with it on ${spread} %`,
  );
});
