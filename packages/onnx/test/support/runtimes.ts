/** The two runtimes of the tests. In a test's process both may be loaded: what runs is said by the provider. */
import * as node from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { type OnnxBackend, type OnnxBackendOptions, onnxBackend } from "../../src/index.js";

// Threads of WebAssembly need a page of their own in a browser; small graphs gain nothing from a second thread.
web.env.wasm.numThreads = 1;

export const runtimes = {
  "onnxruntime-node, cpu": {
    runtime: node,
    executionProviders: ["cpu"],
    sessionOptions: { intraOpNumThreads: 1 },
  },
  "onnxruntime-web, wasm": { runtime: web, executionProviders: ["wasm"] },
} satisfies Record<string, OnnxBackendOptions>;

export type RuntimeName = keyof typeof runtimes;

export function backendOn(name: RuntimeName): Promise<OnnxBackend> {
  return onnxBackend(runtimes[name]);
}

/** Chords of close pairs are 1 − c there, which float32 rounds to 6e-8. */
export const tolerance = { energy: 3e-5, gradient: 1e-4, near: 5e-3 };
