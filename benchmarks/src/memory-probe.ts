/**
 * Measures one candidate on one case in this process, which does nothing else: `node memory-probe.js CANDIDATE CASE CALLS`.
 * Prints one line of JSON. Peak memory is counted from after a tiny step, so that libraries, compiled code and threads
 * aren't in it, and after the case's inputs are loaded: what a step needs on top.
 */
import "./relaxed-simd.js";
import "@tensorflow/tfjs-backend-wasm";
import { readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { candidates } from "./candidates/all.js";
import type { MemoryReading, WorkProcess } from "./candidates/candidate.js";
import { closePython } from "./candidates/pytorch.js";
import { findCase } from "./task/cases.js";
import { makeLayer, type Task } from "./task/task.js";

const own: WorkProcess = {
  async memory(): Promise<MemoryReading> {
    const status = readFileSync("/proc/self/status", "utf8");
    const bytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
    return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
  },
  async forgetPeak() {
    writeFileSync("/proc/self/clear_refs", "5");
  },
};

const [id, caseId, calls] = process.argv.slice(2);
const candidate = candidates.find((each) => each.id === id)!;
await tf.setBackend("wasm");
await tf.ready();
const task = findCase(caseId!).make();
const tiny: Task = { ...task, layers: [makeLayer("tiny", 16, 48, task.layers[0]!.spec)] };
const worker = candidate.process ? await candidate.process() : own;
const warm = await candidate.open(tiny);
await warm.result();
await warm.close();
globalThis.gc?.();
const runner = await candidate.open(task);
await worker.forgetPeak();
const before = await worker.memory();
const readings: MemoryReading[] = [];
for (let call = 0; call < Number(calls); call++) {
  await runner.run();
  readings.push(await worker.memory());
}
await runner.close();
closePython();
console.log(JSON.stringify({ before, readings }));
