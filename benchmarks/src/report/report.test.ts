import { expect, it } from "vitest";
import type { CaseResult } from "../measure/case-result.js";
import { withEngines } from "./engines.js";
import { logTicks, ratioFigure, timeFigure } from "./figures.js";
import { caseTables, growthTable, variationTables } from "./markdown.js";

const timing = { name: "", calls: 3, best: 9, median: 10, spread: 1, ratio: 1 };
const errors = { energy: 1e-8, gradient: 2e-7 };
const result: CaseResult = {
  id: "1024x512-half-s2",
  title: "1024×512, half space, s = 2",
  count: 1024,
  dim: 512,
  nominalGflop: 1.61,
  candidates: [
    { name: "mine", id: "mine", ours: true, timing, errors, gflops: 161 },
    { name: "peer", id: "peer", ours: false, timing: { ...timing, median: 25 }, errors, gflops: 64 },
    { name: "big", id: "big", ours: false, skipped: "out of memory: N×N arrays of 24 GiB, 15 GiB to use" },
  ],
};

it("a table says why a candidate is missing", () => {
  const [table] = caseTables([result], 322);
  expect(table).toContain("<summary>1024×512, half space, s = 2 (1.61 GFLOP)</summary>");
  expect(table).toContain("| **mine** | 10.0 | 9.00 | 1.00 | 161.0 | 50 % | 1e-8 | 2e-7 |");
  expect(table).toContain("| big | out of memory: N×N arrays of 24 GiB, 15 GiB to use |");
});

it("variations stand side by side", () => {
  const [table, ...notes] = variationTables([result], [result]);
  expect(table).toContain("<summary>1024×512</summary>\n\n| median ms | half space, s = 2 |");
  expect(table).toContain("| peer | 25.0 |");
  expect(notes).toEqual([]);
});

it("variations that weren't measured have their column and are named; earlier ones have their date", () => {
  const full = "1024×512, full space, s = 1";
  const [table, ...notes] = variationTables([{ ...result, measured: "2026-11-20" }], [result, { title: full }]);
  expect(table).toContain("| peer | 25.0 | – |");
  expect(notes).toEqual([
    "Measured earlier than the rest:\n\n- 1024×512, half space, s = 2: 2026-11-20",
    "Not measured yet:\n\n- 1024×512: full space, s = 1",
  ]);
  expect(caseTables([{ ...result, measured: "2026-11-20" }])[0]).toContain("Measured earlier, on 2026-11-20.");
});

it("pictures hold the candidates that were timed, and their numbers", () => {
  const { svg } = timeFigure([result], "half space");
  for (const text of ["mine", "peer", "1024×512", "25.0"]) expect(svg).toContain(`>${text}<`);
  expect(svg).not.toContain(">big<");
  expect(ratioFigure([result], "half space").svg).toContain(">2.5×<");
});

it("growth leaves out what wasn't fitted", () => {
  expect(
    growthTable([
      { name: "a", id: "a", count: 1.98 },
      { name: "b", id: "b" },
    ]),
  ).toMatch(/\| a \| 1.98 \| – \|$/);
});

it("ticks are powers of ten: fewer where those are many, with steps between where they are few", () => {
  expect(logTicks(0.4, 13200, 2, 5)).toEqual([1, 10, 100, 1000, 10000]);
  expect(logTicks(0.4, 13200, 2, 4)).toEqual([1, 100, 10000]);
  expect(logTicks(4.5, 80, 2, 4)).toEqual([10, 30]);
  expect(logTicks(12, 90, 2, 4)).toEqual([20, 50]);
});

it("rows say which engine has their build, and what the measuring Node gives comes first", () => {
  const names = [
    "@comhe/wasm relaxed, 2 threads",
    "@comhe/wasm relaxed, 1 thread",
    "@comhe/wasm baseline, 2 threads",
    "@comhe/onnx, 2 threads",
  ];
  const run = [{ title: "1024×512", candidates: names.map((name) => ({ name, timing: { name: "wasm-relaxed-2" } })) }];
  const namesOn = (node: string) => withEngines(run, node)[0]!.candidates.map(({ name }) => name);
  const baseline = "@comhe/wasm baseline, 2 threads (Node 20)";
  const relaxed = ["@comhe/wasm relaxed, 2 threads (Node 22+)", "@comhe/wasm relaxed, 1 thread (Node 22+)"];
  expect(namesOn("v20.20.2")).toEqual([baseline, ...relaxed, "@comhe/onnx, 2 threads"]);
  expect(namesOn("v22.23.0")).toEqual([...relaxed, baseline, "@comhe/onnx, 2 threads"]);
  expect(withEngines(run, "v20.20.2")[0]!.candidates[0]!.timing.name).toBe("wasm-relaxed-2");
});
