/** One run, away from the page: told its settings, it tells of every epoch. A worker for each side, so that both use a processor of their own. */

import type { EnergyConfig } from "@comhe/core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreads from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { LayerEnergies } from "../../../../examples/digits-browser/src/layer-energies.js";
import { type EpochReading, type RunSettings, train } from "../../../../examples/digits-browser/src/train.js";

/** What the page asks for. */
export interface Asked {
  readonly config: EnergyConfig;
  readonly weight: number;
  readonly seed: number;
  readonly epochs: number;
}

/** What the worker tells. */
export type Told =
  | { readonly kind: "engine"; readonly engine: RunSettings["backend"] }
  | { readonly kind: "reading"; readonly reading: EpochReading }
  | { readonly kind: "done" }
  | { readonly kind: "error"; readonly message: string };

const tell = (told: Told) => postMessage(told);

setWasmPaths({
  "tfjs-backend-wasm.wasm": wasm,
  "tfjs-backend-wasm-simd.wasm": wasmSimd,
  "tfjs-backend-wasm-threaded-simd.wasm": wasmThreads,
});

/** What measures after every epoch, made for the first run. */
let opened: Promise<LayerEnergies> | undefined;

addEventListener("message", async ({ data }: MessageEvent<Asked>) => {
  const { config, weight, seed, epochs } = data;
  try {
    const backend = typeof WebAssembly === "object" ? "wasm" : "cpu";
    tell({ kind: "engine", engine: backend });
    const regularizer = weight > 0 ? config : "none";
    opened ??= LayerEnergies.open(false);
    const settings: RunSettings = { regularizer, weight, seed, epochs, backend, energies: await opened };
    for await (const reading of train(settings, new AbortController().signal)) {
      tell({ kind: "reading", reading });
    }
    tell({ kind: "done" });
  } catch (error) {
    tell({ kind: "error", message: error instanceof Error ? error.message : String(error) });
  }
});
