/** A made-up study with differences chosen at will. */
import type { ArmInfo, Role, SeededRun, TrainedRun } from "../src/study.js";

export function arm(name: string, role: Role): ArmInfo {
  return { name, label: `${name} <label>`, role, settings: `settings of ${name}` };
}

/** Test errors by arm; entry i belongs to seed i + 1. */
export function runsOf(errors: Readonly<Record<string, readonly number[]>>): SeededRun[] {
  return Object.entries(errors).flatMap(([name, values]) =>
    values.map((testError, i) => ({ arm: name, seed: i + 1, run: trained(testError) })),
  );
}

function trained(testError: number): TrainedRun {
  const histogram = Array.from({ length: 18 }, (_, bin) => (bin === 8 || bin === 9 ? 10 : 1));
  return {
    testError,
    validationError: testError / 2,
    trainingLoss: 0.1,
    diverged: false,
    seconds: 2,
    layers: ["hidden-1", "hidden-2"].map((name, index) => ({
      name,
      count: 4,
      dim: 8,
      floor: 0.46,
      uniform: 0.52,
      energies: [0.52, 0.5, 0.47 - index / 100],
      anglesBefore: histogram,
      anglesAfter: histogram,
    })),
  };
}
