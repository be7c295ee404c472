/**
 * Python's pickle as what it is, a small stack machine: each opcode pushes a value, gathers values from the last mark into
 * a container, or keeps one for later. Two of its opcodes name a class or function and call it, and that is why a pickle
 * can do anything in Python. Here a name stays a name, and a call is passed to a `Builder`, which knows a closed list of
 * them and refuses the rest.
 */
import type { Budget } from "./budget.js";
import { type Builder, Machine } from "./machine.js";
import { opcodes } from "./opcodes.js";
import { PickleProblem } from "./pickle-cursor.js";
import type { PickleValue } from "./values.js";

const stop = ".".charCodeAt(0);

/**
 * @param from where the pickle begins
 * @returns its value, and where it ends
 * @throws PickleCutShort where the bytes end before it does
 * @throws PickleProblem where it is damaged, or names or calls what is refused
 */
export function unpickle(
  bytes: Uint8Array,
  from: number,
  builder: Builder,
  budget: Budget,
): { value: PickleValue; end: number } {
  const machine = new Machine(bytes, from, builder, budget);
  const { cursor } = machine;
  for (let code = cursor.uint8(); code !== stop; code = cursor.uint8()) {
    const run = opcodes[code];
    if (run === undefined) {
      const shown = code.toString(16).padStart(2, "0");
      throw new PickleProblem(`its pickle holds opcode 0x${shown} at byte ${cursor.at - 1}, which a file can't have`);
    }
    run(machine);
  }
  return { value: machine.result(), end: cursor.at };
}
