/**
 * What of the conformance suite runs on WebAssembly by default. Graphs are those of the CPU provider, which the whole suite
 * proves; a session takes many times as long to build there. So every operation and every strategy with fewer potentials,
 * and without the families that repeat them at other shapes. `npm run test:all` takes the whole suite.
 */
import type { Skip } from "@comhe/conformance";

const why = "on the CPU provider, and here by npm run test:all";

const what = [
  ...["chordal s=1", "chordal s=3", "chordal s=4", "angular s=0", "angular s=2,", "angular s=2.7"],
  ...["against differences", "awkward shapes", "close rows", "a zero row under every strategy"],
];

export const leftOut: readonly Skip[] = what.map((each) => ({ what: each, why }));
