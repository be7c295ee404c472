/** The conformance suite on every build and engine: alone, with a worker, and as on a page's main thread. */
import { testBackend } from "@comhe/conformance";
import { supportedBuild } from "../src/kernels/load-kernels.js";
import { createBackend, type EngineKind, type WasmBackend } from "../src/wasm-backend.js";

const builds = supportedBuild() === "relaxed" ? (["baseline", "relaxed"] as const) : (["baseline"] as const);
const engines: readonly (readonly [EngineKind, threads: number])[] = [
  ["single", 1],
  ["threaded", 2],
  ["queued", 2],
];

for (const build of builds) {
  for (const [kind, threads] of engines) {
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
      tolerance: { energy: 1e-5, gradient: 1e-4 },
      handles: () => backend!.memory().arrays,
    });
  }
}
