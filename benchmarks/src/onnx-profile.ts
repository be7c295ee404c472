/**
 * `npm run onnx-profile --workspace=benchmarks`: where the milliseconds of a step on ONNX Runtime go, by its own profiler, which
 * slows small nodes down a little. Medians over some steps.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEvaluator } from "@comhe/core";
import { onnxBackend } from "@comhe/onnx";
import runtime from "onnxruntime-node";
import { milliseconds } from "./format.js";
import { quantile } from "./harness.js";
import { plainTable } from "./print.js";
import { findCase } from "./task/cases.js";

const steps = 9;

/** Operators by what they are for; the bodies of the first group are counted node by node. */
const groups: readonly (readonly [label: string, operators: readonly string[]])[] = [
  ["", ["Loop", "If"]],
  ["products", ["Gemm", "MatMul"]],
  ["passes over a tile or the rows", ["Mul", "Sub", "Add", "Div", "Reciprocal", "Abs", "Max", "Sqrt", "Cast"]],
  ["sums and maxima", ["ReduceSum", "ReduceMax"]],
];
const others = "slices, shapes, copies";
const between = "between the nodes: loops, branches, memory";
const outside = "outside the graph: checks, the record, the result";

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

for (const id of ["1024x512-half-s2", "4096x512-half-s2", "random-1024x4608-kept"]) {
  const { title, seed, layers } = findCase(id).make();
  const { count, dim, data, spec, name } = layers[0]!;
  const folder = mkdtempSync(join(tmpdir(), "comhe-profile-"));
  const backend = await onnxBackend({
    runtime,
    executionProviders: ["cpu"],
    sessionOptions: { intraOpNumThreads: 2, enableProfiling: true, profileFilePrefix: join(folder, "p") },
  });
  const evaluator = createEvaluator(backend, spec, { seed, name });
  const whole: number[] = [];
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    await evaluator.evaluate({ data, shape: [count, dim] });
    whole.push(performance.now() - start);
  }
  await backend.dispose();
  const profiles = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Event[]);
  rmSync(folder, { recursive: true });
  const events = profiles.find((each) => runsOf(each).length === steps)!;
  const rows = tableOf(runsOf(events).map((run, step) => partsOf(events, run, whole[step]!)));
  console.log(`\n${title}, 2 threads: ${milliseconds(quantile(whole.slice(1), 0.5))} ms a step with the profiler on`);
  console.log(plainTable(["", "ms", "%"], rows));
}

function runsOf(events: readonly Event[]): readonly Event[] {
  return events.filter(({ name }) => name === "model_run");
}

/** Milliseconds of one step, by group. */
function partsOf(events: readonly Event[], run: Event, whole: number): ReadonlyMap<string, number> {
  const labels = [...groups.map(([label]) => label), others, between, outside].filter((label) => label !== "");
  const parts = new Map(labels.map((label) => [label, 0]));
  let inNodes = 0;
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || ts < run.ts || ts > run.ts + run.dur) continue;
    const label = groups.find(([, operators]) => operators.includes(args.op_name!))?.[0] ?? others;
    if (label === "") continue;
    parts.set(label, parts.get(label)! + dur / 1000);
    inNodes += dur / 1000;
  }
  parts.set(between, run.dur / 1000 - inNodes);
  parts.set(outside, whole - run.dur / 1000);
  return parts;
}

/** Without the first step, which builds the graph. */
function tableOf([, ...measured]: readonly ReadonlyMap<string, number>[]): string[][] {
  const medians = [...measured[0]!.keys()].map((label) => {
    const median = quantile(
      measured.map((parts) => parts.get(label)!),
      0.5,
    );
    return [label, median] as const;
  });
  const sum = medians.reduce((total, [, median]) => total + median, 0);
  return medians.map(([label, median]) => [label, milliseconds(median), ((100 * median) / sum).toFixed(0)]);
}
