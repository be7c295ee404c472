/** Peak memory of a step above its inputs, each candidate in a process of its own; and how it grows over many calls. */
import { existsSync } from "node:fs";
import { type Candidate, type MemoryReading, outOfMemory } from "../candidates/candidate.js";
import { mebibytes } from "../format.js";
import { runProbe } from "../measure/run-probe.js";
import { plainTable } from "../print.js";
import { type Case, memoryCases } from "../task/cases.js";
import { nominalFlops } from "../task/task.js";
import { inTime, type PartOptions, select } from "./part.js";

export interface MemoryResult {
  readonly case: string;
  readonly title: string;
  readonly name: string;
  readonly id: string;
  readonly ours: boolean;
  readonly skipped?: string;
  /** Peak of the resident set above its size before the first call, with the inputs loaded. */
  readonly peakBytes?: number;
  /** The date, where an earlier run than the file's measured it. */
  readonly measured?: string;
}

export interface FlatnessResult {
  readonly name: string;
  readonly id: string;
  /** Resident bytes after so many calls. */
  readonly after: Readonly<Record<number, number>>;
}

export interface MemoryResults {
  readonly peaks: readonly MemoryResult[];
  readonly flatness: readonly FlatnessResult[];
}

interface Probe {
  readonly before: MemoryReading;
  readonly readings: readonly MemoryReading[];
}

const flatnessCase = "64x576-half-s2";
const marks = [100, 1000];

export async function memoryPart(options: PartOptions): Promise<MemoryResults> {
  if (!existsSync("/proc/self/clear_refs")) {
    console.log("\nPeak memory: skipped, it is read from Linux's /proc");
    return { peaks: [], flatness: [] };
  }
  const peaks: MemoryResult[] = [];
  for (const chosen of select(memoryCases, options)) {
    if (!inTime(options, chosen.title)) continue;
    const results: MemoryResult[] = [];
    for (const candidate of options.candidates) {
      if (candidate.headlineOnly) continue;
      console.error(`memory: ${chosen.title}, ${candidate.name}`);
      results.push(await peakOf(candidate, chosen, options));
    }
    printPeaks(chosen, results);
    peaks.push(...results);
  }
  const flatness: FlatnessResult[] = [];
  for (const candidate of options.candidates) {
    if (!candidate.ours || options.cases) continue;
    console.error(`memory: 1,000 calls, ${candidate.name}`);
    const calls = options.quick ? marks[0]! : marks.at(-1)!;
    const probe = await probeMemory(candidate, flatnessCase, calls).catch(() => undefined);
    if (!probe) continue;
    const after = marks.flatMap((mark) => (mark <= calls ? [[mark, probe.readings[mark - 1]!.now]] : []));
    flatness.push({ name: candidate.name, id: candidate.id, after: Object.fromEntries(after) });
  }
  printFlatness(flatness);
  return { peaks, flatness };
}

async function peakOf(candidate: Candidate, chosen: Case, { book, patience }: PartOptions): Promise<MemoryResult> {
  const { name, id, ours } = candidate;
  const identity = { case: chosen.id, title: chosen.title, name, id, ours };
  const task = chosen.make();
  const tooLarge = outOfMemory(candidate, task);
  if (tooLarge) return { ...identity, skipped: tooLarge };
  const expected = book.expect(id, nominalFlops(task)) / 1000;
  if (expected > patience) return { ...identity, skipped: `about ${expected.toFixed(0)} s a call` };
  try {
    const { before, readings } = await probeMemory(candidate, chosen.id, expected > 1 ? 1 : 2);
    return { ...identity, peakBytes: Math.max(...readings.map(({ peak }) => peak)) - before.now };
  } catch (error) {
    return { ...identity, skipped: (error as Error).message };
  }
}

function probeMemory(candidate: Candidate, caseId: string, calls: number): Promise<Probe> {
  return runProbe<Probe>("memory-probe", [candidate.id, caseId, String(calls)]);
}

function printPeaks(chosen: Case, results: readonly MemoryResult[]): void {
  console.log(`\nPeak memory of a step above its inputs, ${chosen.title}, each in a process of its own`);
  const measured = results.filter(({ peakBytes }) => peakBytes !== undefined);
  console.log(
    plainTable(
      ["", "MiB"],
      measured.map(({ name, peakBytes }) => [name, mebibytes(peakBytes!)]),
    ),
  );
  for (const { name, skipped } of results) if (skipped) console.log(`  skipped: ${name}: ${skipped}`);
}

function printFlatness(flatness: readonly FlatnessResult[]): void {
  if (flatness.length === 0) return;
  console.log("\nResident memory over many calls, 64×576, half space, s = 2, MiB");
  console.log(
    plainTable(
      ["", ...marks.map((mark) => `after ${mark}`)],
      flatness.map(({ name, after }) => [name, ...marks.map((mark) => (after[mark] ? mebibytes(after[mark]) : "–"))]),
    ),
  );
}
