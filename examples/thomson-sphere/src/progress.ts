/** When a minimization has settled: hardly any move, or nothing gained any more. */
import type { Reading } from "./minimize.js";

/** Electrons that move less than this, in radians, for so many steps in a row have settled. */
const settledMove = 2e-6;
const settledSteps = 20;
/** In float32 they may tremble for ever: settled as well is what hasn't come lower, relatively, in so many steps. */
const leastGain = 1e-7;
const patience = 150;

export interface Progress {
  readonly quietSteps: number;
  readonly lowest: number;
  readonly stepsSinceLower: number;
}

export const started: Progress = { quietSteps: 0, lowest: Infinity, stepsSinceLower: 0 };

export function progressAfter({ quietSteps, lowest, stepsSinceLower }: Progress, { move, energy }: Reading): Progress {
  const lower = lowest === Infinity || energy < lowest - leastGain * Math.abs(lowest);
  return {
    quietSteps: move < settledMove ? quietSteps + 1 : 0,
    lowest: lower ? energy : lowest,
    stepsSinceLower: lower ? 0 : stepsSinceLower + 1,
  };
}

export const hasSettled = ({ quietSteps, stepsSinceLower }: Progress): boolean =>
  quietSteps >= settledSteps || stepsSinceLower >= patience;
