/** Chooses every arm's settings by mean validation error, on seeds that no reported run uses. */
import { writeFileSync } from "node:fs";
import type { Backend } from "@comhe/core";
import { armOf, ENERGY_WEIGHTS, KINDS, TUNING_FILE, WEIGHT_DECAYS } from "./arms.js";
import { runArm, type Setting } from "./run-arm.js";

const FIRST_TUNING_SEED = 1001;

export async function tune<A>(
  backend: Backend<A>,
  setting: Setting,
  seeds: number,
  signal: AbortSignal,
): Promise<void> {
  const chosen: Record<string, { weightDecay: number; weight: number; validationError: number }> = {};
  for (const kind of KINDS) {
    const weights = kind.energy === undefined ? [0] : ENERGY_WEIGHTS;
    for (const weightDecay of WEIGHT_DECAYS) {
      for (const weight of weights) {
        const arm = armOf(kind, { weightDecay, weight });
        let sum = 0;
        for (let n = 0; n < seeds; n++) {
          signal.throwIfAborted();
          sum += (await runArm(backend, setting, arm, FIRST_TUNING_SEED + n)).run.validationError!;
        }
        const validationError = sum / seeds;
        console.error(`${kind.name}, ${arm.settings}: ${validationError.toFixed(2)} % validation error`);
        const best = chosen[kind.name];
        if (best === undefined || validationError < best.validationError) {
          chosen[kind.name] = { weightDecay, weight, validationError };
        }
      }
    }
  }
  const { shots, steps } = setting;
  writeFileSync(TUNING_FILE, `${JSON.stringify({ seeds, shots, steps, chosen }, null, 2)}\n`);
  console.log(`Written: ${TUNING_FILE}`);
}
