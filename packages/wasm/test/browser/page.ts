/** What the page offers to the test that drives it: the conformance suite, and the built package as a user has it. */
import { conformanceChecks, runChecks, type Tolerance } from "@comhe/conformance/checks";
import { energyAndGradient, randomStream } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
import type { WasmBackend } from "../../src/backend-options.js";
import type { BuildName } from "../../src/kernels/packed-kernels.js";
import { createBackend } from "../../src/wasm-backend.js";

/**
 * What each check of the whole suite gave. `shared`: every operation goes to the workers, in a build of the source that can
 * be told so; otherwise it is the built package.
 */
async function conform(build: BuildName, tolerance: Tolerance, shared: boolean) {
  const made: WasmBackend[] = [];
  const create = () => {
    const backend = shared
      ? createBackend({ build, threads: 2, leastShared: 0 }, "queued")
      : (wasmBackend({ build, threads: 1 }) as unknown as WasmBackend);
    made.push(backend);
    return backend;
  };
  const handles = () => made.reduce((total, backend) => total + backend.memory().arrays, 0);
  const checks = conformanceChecks({ name: build, create, tolerance, handles });
  const outcomes = await runChecks(checks, create());
  for (const each of made) each.dispose();
  return outcomes;
}

/** 600×64: large enough for threads. */
async function evaluate(options: { threads?: number; build?: BuildName }) {
  const backend = wasmBackend(options);
  const data = randomStream(1, "page", 0).fillNormal(new Float32Array(600 * 64));
  const config = { space: "half", projection: { kind: "random", dimension: 12, count: 4 } } as const;
  const { energy, gradient } = await energyAndGradient(backend, config, { data, shape: [600, 64] }, { seed: 7 });
  const { threads, build } = backend;
  backend.dispose();
  return { threads, build, energy, gradient: [...gradient] };
}

const offered = {
  conform,
  evaluate,
  isolated: () => crossOriginIsolated,
  /** As under a policy without `wasm-unsafe-eval`, or in an engine without SIMD. */
  hideSimd: () => {
    WebAssembly.validate = () => false;
  },
};
export type Offered = typeof offered;
Object.assign(globalThis, offered);
