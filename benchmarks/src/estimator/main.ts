/**
 * What is known of energies without all pairs: whether intervals cover, whether budgets are kept, what a sampled step takes.
 *
 * node dist/estimator.js [--part coverage|budgets|minibatch] [--tables 20] [--count 20000] [--dim 64] [--space full|half]
 */
import { parseArgs } from "node:util";
import type { Space } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
import { showBudgets } from "./budgets.js";
import { showCoverage } from "./coverage.js";
import { showMinibatches } from "./minibatch.js";

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    tables: { type: "string", default: "20" },
    count: { type: "string", default: "20000" },
    dim: { type: "string", default: "64" },
    space: { type: "string" },
  },
});
const backend = wasmBackend();
const wants = (part: string) => values.part === undefined || values.part === part;
if (wants("coverage")) {
  const size = { tables: Number(values.tables), count: Number(values.count), dim: Number(values.dim) };
  for (const space of values.space ? [values.space as Space] : (["full", "half"] as const)) {
    await showCoverage(backend, { ...size, space });
  }
}
if (wants("budgets")) await showBudgets(backend);
if (wants("minibatch")) await showMinibatches(backend);
backend.dispose();
