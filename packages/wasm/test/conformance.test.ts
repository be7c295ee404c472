/** The conformance suite on every build and engine: alone, with a worker, and as on a page's main thread. */
import { testBackend } from "@comhe/conformance";
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
});
