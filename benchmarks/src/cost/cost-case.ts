/** Training steps with and without a term of the loss: what is measured of them, and what it is called. */
import type { Timing } from "../harness.js";

export interface CostCase {
  readonly id: string;
  /** The date, where it isn't the file's. */
  readonly measured?: string;
  readonly network: string;
  readonly batch: number;
  readonly timings: readonly Timing[];
}

/** A network's training step, with one of several terms. */
export interface StepTask {
  readonly network: string;
  readonly batch: number;
  /** Of the terms; the first is none, which the others are compared with. */
  readonly names: readonly string[];
  /** Of a process: steps before the clock runs, and with it. */
  readonly steps: Steps;
  /** Processes of each term. */
  readonly rounds: number;
  /** What trains a step, its inputs and network made. */
  open(name: string): () => Promise<void> | void;
}

export interface Steps {
  readonly warmUp: number;
  readonly timed: number;
}

/** @param quick small batches, few steps: to see that it runs */
export type StepTaskOf = (quick: boolean) => StepTask;
