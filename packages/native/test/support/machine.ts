/** What the tests can run on: the instruction sets of this machine, or none where the build had no compiler. */
import { existsSync, readFileSync } from "node:fs";
import { type InstructionSet, instructionSets } from "../../src/instruction-sets.js";

const whyNot = new URL("../../build/host/why-not.txt", import.meta.url);

/** Why there is no binary here, if there is none. A build that failed for another reason fails the tests. */
export const missing = existsSync(whyNot) ? readFileSync(whyNot, "utf8").trim() : undefined;

/** All that this machine offers. */
export const testedSets: readonly InstructionSet[] = missing === undefined ? instructionSets() : [];
