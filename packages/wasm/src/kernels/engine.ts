/** Runs commands on the kernels. */
import type { Heap } from "../memory/heap.js";
import { type CommandName, commands, type Slots } from "./commands.js";
import type { Kernels } from "./load-kernels.js";

/** Addresses in `assembly/command.ts`. */
const claimedAt = 1024;
const commandAt = 2048;
/** Of each thread. */
const scratchBytes = 0x100000;

export interface Engine {
  /**
   * Runs a command, or lets it wait for its turn.
   *
   * @param flops what it costs, about
   */
  run(name: CommandName, slots: Slots, flops?: number): void;
  /** Whatever waits has run when this returns. */
  finish(): void;
}

/** One thread: at once. */
export function singleEngine(heap: Heap, kernels: Kernels): Engine {
  const scratch = heap.allocate(scratchBytes);
  return {
    run(name, slots) {
      const { float64, int32 } = heap.views;
      int32[claimedAt / 4] = 0;
      int32[claimedAt / 4 + 1] = 0;
      float64[commandAt / 8] = commands[name];
      float64[commandAt / 8 + 1] = scratch;
      float64.set(slots, commandAt / 8 + 2);
      kernels.run(0);
    },
    finish() {},
  };
}
