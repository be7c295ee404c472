import { expect, test } from "vitest";
import { describeProcessor, flagsIn } from "./processor.js";

test("the instructions that matter, on x86 and on ARM, and none where nobody says", () => {
  expect(flagsIn("processor\t: 0\nflags\t\t: fpu sse sse4_1 fma avx avx2 avx512f avx512_vnni\n")).toEqual([
    "sse4_1",
    "fma",
    "avx",
    "avx2",
    "avx512f",
    "avx512_vnni",
  ]);
  expect(flagsIn("processor\t: 0\nFeatures\t: fp asimd evtstrm asimddp sve\n")).toEqual(["asimd", "asimddp", "sve"]);
  expect(flagsIn("")).toBeNull();
  expect(describeProcessor({ model: "M2", threads: 8, flags: null })).toBe(
    "M2, 8 threads: this platform doesn't list its instructions",
  );
});
