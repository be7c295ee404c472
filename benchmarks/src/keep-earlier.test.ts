import { expect, it } from "vitest";
import { keepEarlier } from "./keep-earlier.js";
import type { CaseResult } from "./measure/case-result.js";
import type { ResultsFile } from "./results.js";
import { growthSweeps, memoryCases, networkCases } from "./task/cases.js";

const [half, random] = networkCases.map(({ id }) => id) as [string, string];
const where = { date: "2026-11-25", machine: { cpu: "this", cores: 2, memoryGiB: 24 }, versions: { node: "v20.20.2" } };
const result = (id: string, median = 1): CaseResult => ({
  id,
  title: id,
  count: 1,
  dim: 1,
  nominalGflop: 1,
  candidates: [
    { name: "a", id: "a", ours: true, timing: { name: "a", calls: 3, best: 1, median, spread: 0, ratio: 1 } },
  ],
});
const file = (results: readonly CaseResult[], date = where.date): ResultsFile<"network"> => ({
  ...where,
  date,
  results,
});

it("a part that measured nothing leaves the file alone", () => {
  expect(keepEarlier("network", file([]), file([result(half)]))).toEqual({ kept: [half], missing: [random] });
  expect(keepEarlier("network", file([]), undefined)).toEqual({ kept: [], missing: [half, random] });
});

it("cases that weren't measured stay, with their date, beside new ones of the same machine and versions", () => {
  const earlier = file([result(half, 5), result(random, 5), result("no longer a case")], "2026-11-20");
  const { file: written, kept, missing } = keepEarlier("network", file([result(random, 7)]), earlier);
  expect([kept, missing]).toEqual([[half], []]);
  expect(written).toEqual(file([{ ...result(half, 5), measured: "2026-11-20" }, result(random, 7)]));
  // A date that was kept once is kept again.
  const later = keepEarlier("network", file([result(random)], "2026-11-30"), written);
  expect(later.file!.results[0]!.measured).toBe("2026-11-20");
});

it.each([
  ["machine", { machine: { ...where.machine, cores: 16 } }],
  ["versions", { versions: { node: "v24.1.0" } }],
])("results of another %s don't stand beside new ones, and are missing", (_, other) => {
  const earlier = { ...file([result(half), result(random)]), ...other };
  const fresh = file([result(random, 7)]);
  expect(keepEarlier("network", fresh, earlier)).toEqual({ file: fresh, kept: [], missing: [half] });
});

it("growth is fitted again to all sizes, kept and new", () => {
  const timed = growthSweeps.count.map(({ id, count }) => result(id, count ** 2));
  const [earlier, fresh] = [timed.slice(0, 3), timed.slice(3)].map((cases) => ({
    ...where,
    results: { cases, fitted: [] },
  }));
  const { results } = keepEarlier("growth", fresh!, earlier).file!;
  expect(results.cases).toHaveLength(5);
  expect(results.fitted[0]!.count).toBeCloseTo(2, 10);
});

it("memory keeps every candidate of a case, and the readings over many calls", () => {
  const peak = (each: number, name: string) => ({
    case: memoryCases[each]!.id,
    title: "",
    name,
    id: name,
    ours: true,
    peakBytes: each,
  });
  const flatness = [{ name: "a", id: "a", after: { 100: 1 } }];
  const earlier = { ...where, results: { peaks: [peak(0, "a"), peak(1, "a"), peak(1, "b")], flatness } };
  const fresh = { ...where, results: { peaks: [peak(0, "c")], flatness: [] } };
  expect(keepEarlier("memory", fresh, earlier).file!.results).toEqual({
    peaks: [peak(0, "c"), peak(1, "a"), peak(1, "b")],
    flatness,
  });
});
