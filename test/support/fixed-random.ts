/**
 * A setup file: tests draw the same numbers at every run. What has no seed of its own takes `Math.random`, among it TensorFlow.js' initializers, its
 * dropout and the order of its batches; a bound that nearly every draw keeps would otherwise fail once in a hundred runs, for whoever comes by.
 * Each file and each test begins anew, so that a test draws the same alone and among others.
 */
import { basename } from "node:path";
import { beforeEach, expect } from "vitest";

// The name alone: where the repository lies must not matter.
begin(basename(expect.getState().testPath ?? ""));
beforeEach(({ task }) => begin(task.name));

/** Mulberry32 from FNV-1a of the text: small, and good enough for initial weights. */
function begin(text: string): void {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16_777_619);
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
