/** Sums along runs of an array, in as many rounds as they need. */
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { sizeOf } from "../device/sizes.js";
import { sumKernel, sumRun } from "../kernels/sums.js";

/** `[runs]`: the sums of `runs` runs of an array, one behind the other. */
export function sumRuns(engine: Engine, array: DeviceArray, runs: number): DeviceArray {
  let sums = array;
  for (let length = sizeOf(array.shape) / runs; ; ) {
    const parts = Math.max(1, Math.ceil(length / sumRun));
    const next = engine.make([runs, parts]);
    engine.run(sumKernel, {
      arrays: { a: sums, sums: next },
      parameters: { length, parts },
      groups: [parts, runs, 1],
      work: runs * length,
    });
    if (sums !== array) engine.free(sums);
    if (parts === 1) return engine.reshape(next, [runs]);
    [sums, length] = [next, parts];
  }
}
