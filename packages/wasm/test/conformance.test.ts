/** The conformance suite on every build and engine: alone, with a worker, and as on a page's main thread. */
import { oneOfEachKind, testBackend } from "@comhe/conformance";
import { vi } from "vitest";
import type { WasmBackend } from "../src/backend-options.js";
import { createBackend, type EngineKind, wasmBackend } from "../src/wasm-backend.js";
import { testedBuilds } from "./support/builds.js";
import { tolerance } from "./support/tolerance.js";

const engines: readonly (readonly [EngineKind, threads: number])[] = [
  ["single", 1],
  ["threaded", 2],
  ["queued", 2],
];

/**
 * Kernels are proved whole by each build alone, and sharing them by the threaded baseline; what waits in a queue, the other build's threads, and
 * the reference backend that stands in where there is no SIMD are the same code once more.
 */
const part =
  process.env.COMHE_ALL_CHECKS === "1" ? undefined : { names: oneOfEachKind, why: "all of them by npm run test:all" };
const isWhole = (build: string, kind: EngineKind) =>
  kind === "single" || (kind === "threaded" && build === testedBuilds[0]);

for (const build of testedBuilds) {
  for (const [kind, threads] of engines) {
    // What waits in a queue is the same commands.
    if (kind === "queued" && build === "relaxed") continue;
    /** The one that the suite runs on; later ones are run beside it. */
    let backend: WasmBackend | undefined;
    testBackend({
      name: `wasm, ${build}, ${kind}`,
      create: () => {
        // However small, so that every operation is shared.
        const made = createBackend({ build, threads, leastShared: 0 }, kind);
        backend ??= made;
        return made;
      },
      tolerance,
      part: isWhole(build, kind) ? undefined : part,
      handles: () => backend!.memory().arrays,
    });
  }
}

testBackend({
  name: "wasm, without WebAssembly SIMD",
  create: () => {
    const hidden = vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    try {
      return wasmBackend();
    } finally {
      hidden.mockRestore();
    }
  },
  tolerance: { energy: 1e-6, gradient: 1e-5 },
  part,
});
