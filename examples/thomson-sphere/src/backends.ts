/** The backends that the page offers, each loaded when it is chosen. */
import { type Backend, referenceBackend } from "@comhe/core";

export type BackendChoice = "webgl2" | "webgpu" | "gpujs-cpu" | "wasm" | "reference";

export type AnyBackend = Backend<unknown>;

/** @throws EnergyError for what this browser can't do; the message says what to choose instead. */
export async function openBackend(choice: BackendChoice): Promise<AnyBackend> {
  if (choice === "reference") return referenceBackend() as AnyBackend;
  if (choice === "wasm") {
    const { wasmBackend } = await import("@comhe/wasm");
    return (await wasmBackend({ threads: 1 })) as AnyBackend;
  }
  const { gpujsBackend } = await import("@comhe/gpujs");
  return (await gpujsBackend({ mode: choice === "gpujs-cpu" ? "cpu" : choice })) as AnyBackend;
}
