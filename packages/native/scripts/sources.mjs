// What the binary is made of, and how each part is compiled: one list for the host's compiler and for all platforms.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Options of every part. Results must not depend on a compiler's liberties; multiply-adds may be fused. */
export const options = [
  ...["-std=c11", "-O3", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function", "-Wno-psabi"],
  ...["-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-fvisibility=hidden"],
];

/** The kernels of each architecture, by the name of their instruction set. */
export const instructionSets = {
  x64: {
    sse2: [],
    avx2: ["-mavx2", "-mfma"],
    avx512: ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx2", "-mfma", "-mprefer-vector-width=512"],
  },
  arm64: { neon: [] },
};

/** Parts that every platform compiles alike. */
export const plainSources = [
  "addon",
  "arguments",
  "commands",
  "crew",
  "door",
  "memory",
  "processor",
  "statistics-state",
];

export const kernelFolder = join(root, "kernels");

/** Where node_api.h is. */
export function headers() {
  const path = createRequire(import.meta.url).resolve("node-api-headers/package.json");
  return join(dirname(path), "include");
}

/** Each part: its source, what it is called, and its options. */
export function parts(architecture) {
  const plain = plainSources.map((name) => ({ name, source: join(kernelFolder, `${name}.c`), flags: [] }));
  const kernels = Object.entries(instructionSets[architecture]).map(([isa, flags]) => ({
    name: `kernels-${isa}`,
    source: join(kernelFolder, "kernels.c"),
    flags: [...flags, `-DKERNELS=${isa}`],
  }));
  // Random numbers are the same bits as core's, whose engine fuses nothing.
  const random = Object.entries(instructionSets[architecture]).map(([isa, flags]) => ({
    name: `random-${isa}`,
    source: join(kernelFolder, "random.c"),
    flags: [...flags, `-DKERNELS=${isa}`, "-ffp-contract=off"],
  }));
  return [...plain, ...kernels, ...random];
}
