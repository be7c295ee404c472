/** The conformance suite on every instruction set that this machine offers: alone, and with every operation shared by two threads. */
import { testBackend } from "@comhe/conformance";
import { it } from "vitest";
import { createBackend } from "../src/native-backend.js";
import { missing, testedSets } from "./support/machine.js";

if (missing !== undefined) it.skip(`the native backend conforms (${missing})`, () => {});

/** What kind of machine this is, where it is another than the one at hand: `npm run test:native-platforms` says so. */
const where = process.env.COMHE_WHERE ? `, ${process.env.COMHE_WHERE}` : "";

for (const isa of testedSets) {
  // The widest on two threads as well: which thread does what is the same code for all of them.
  for (const threads of isa === testedSets.at(-1) ? [1, 2] : [1]) {
    testBackend({
      name: `native, ${isa}, ${threads === 1 ? "one thread" : "two threads"}${where}`,
      // However small, so that every operation is shared.
      create: () => createBackend({ isa, threads, leastShared: 0 }),
      tolerance: { energy: 1e-5, gradient: 1e-4 },
    });
  }
}
