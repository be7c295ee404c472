/** Who takes part: our backends and their peers, behind one small interface, so that all are run, checked and timed alike. */
import { freemem } from "node:os";
import { gibibytes } from "../format.js";
import { randomProjectionOf, type Task } from "../task/task.js";

export interface StepResult {
  /** Of each layer. */
  readonly energies: readonly number[];
  /** Of each layer, in the shape of its rows. */
  readonly gradients: readonly Float32Array[];
}

/** A candidate with a task in its hands: data uploaded, graphs built, everything that a training run does once. */
export interface Runner {
  /** One step, timed. Returns its milliseconds where the candidate's own clock is nearer to the work than ours. */
  run(): Promise<number | undefined>;
  /** One step with its results, for the comparison with float64: the first step, with the seed's first matrices. */
  result(): Promise<StepResult>;
  close(): Promise<void>;
}

export interface MemoryReading {
  /** Resident bytes. */
  readonly now: number;
  /** Their maximum since `forgetPeak`. */
  readonly peak: number;
}

/** Another process that does the work, where there is one. */
export interface WorkProcess {
  memory(): Promise<MemoryReading>;
  forgetPeak(): Promise<void>;
}

export interface Candidate {
  /** As tables and plots show it. */
  readonly name: string;
  /** As `--peers` and `--ours` select it: `wasm-2`. */
  readonly id: string;
  readonly ours: boolean;
  /** Only in headline cases: a variation of a candidate that runs everywhere. */
  readonly headlineOnly?: boolean;
  /** Bytes of the N×N arrays alive at once, as the formulation has them; absent: none. */
  readonly squareArrays?: (task: Task) => number;
  /** Bytes that it can have at most, where that is less than the machine has. */
  readonly addressable?: number;
  /** @throws Unavailable */
  open(task: Task): Promise<Runner>;
  readonly process?: () => Promise<WorkProcess>;
}

/** Why a candidate doesn't run here, or not this task. Printed in its place. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** Why the arrays of all pairs don't fit into what memory is left; undefined where they do. */
export function outOfMemory({ squareArrays, addressable }: Candidate, task: Task): string | undefined {
  const bytes = squareArrays?.(task) ?? 0;
  const room = Math.min(addressable ?? Number.POSITIVE_INFINITY, 0.7 * freemem());
  return bytes > room
    ? `out of memory: N×N arrays of ${gibibytes(bytes)} GiB, ${gibibytes(room)} GiB to use`
    : undefined;
}

/** Bytes of arrays of all pairs of the points a formulation has: 2N in half space unless folded. */
export function squareBytes(task: Task, arrays: number, folded: boolean, batched: boolean): number {
  const sizes = task.layers.map(({ count, spec }) => {
    const points = spec.space === "half" && !folded ? 2 * count : count;
    const batch = batched ? (randomProjectionOf(spec)?.count ?? 1) : 1;
    return 4 * points ** 2 * arrays * batch;
  });
  return Math.max(...sizes);
}
