/** What the repository says of its results is what they are. */
import { readFileSync } from "node:fs";
import { formatFixed } from "@comhe-examples/study-kit";
import { expect, it } from "vitest";
import { loadArms } from "./arms.js";
import { ARMS_FILE, RESULTS_FOLDER, TUNING_FILE } from "./paths.js";
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

it("every record was made with the weights that are chosen now", () => {
  for (const { dimension, arms } of records) {
    const chosen = loadArms(ARMS_FILE, TUNING_FILE, dimension);
    expect(arms.map(({ name, weight }) => [name, weight])).toEqual(
      chosen.map(({ name, weight, spreading }) => [name, spreading === null ? null : weight]),
    );
  }
});

it("pages of the documentation name errors of 8 and of 4 dimensions", () => {
  const [eight, , four] = records.map(comparedArms);
  const errorOf = (of: typeof eight, name: string) =>
    formatFixed(of!.find(({ arm }) => arm.name === name)!.testError.mean, 0);
  const [collapsed, spread] = [errorOf(eight, "none"), errorOf(eight, "mhe-2")];
  expect(textOf("../../../docs/usage/does-it-help-me.md")).toContain(
    `errs on ${collapsed} % of the test digits without it, on ${spread} % with it`,
  );
  expect(textOf("../../../docs/usage/potentials.md")).toContain(
    `a linear classifier on them errs on ${errorOf(four, "mhe-2")} % at s = 2, and on ${errorOf(four, "mhe-0")} % at s = 0`,
  );
});
