/** The instruction sets that the kernels are written for, and which of them this machine can use. */
import { type InstructionSet, loadBinding } from "./load-binding.js";

export type { InstructionSet } from "./load-binding.js";

/**
 * The instruction sets that the processor and the operating system offer, the widest last.
 *
 * @throws EnergyError `missing-peer` where no binary loads on this platform
 */
export function instructionSets(): readonly InstructionSet[] {
  return loadBinding().isas();
}

/**
 * Measures how fast one thread multiplies and adds by an instruction set, in GFLOP/s (two flops a multiply-add), in about a twentieth of a second. It is
 * the peak that the speed of kernels is compared with. Other work on the machine lowers it.
 *
 * @throws EnergyError `missing-peer` where no binary loads on this platform
 */
export function measuredPeak(isa: InstructionSet): number {
  const { peak } = loadBinding();
  // Often and shortly, so that some of the times are this process's own on a machine with other work.
  const [times, rounds] = [200, 1e5];
  let best = 0;
  for (let n = 0; n < times; n++) {
    const begin = process.hrtime.bigint();
    const flops = peak(isa, rounds);
    best = Math.max(best, flops / Number(process.hrtime.bigint() - begin));
  }
  return best;
}
