/** The backends that the page offers, each loaded when it is chosen. */
import { type Backend, referenceBackend } from "@comhe/core";

export type BackendChoice = "webgpu" | "webgl2" | "gpujs-webgpu" | "gpujs-cpu" | "wasm" | "reference";

export type AnyBackend = Backend<unknown>;

/** @throws EnergyError for what this browser can't do; the message says what to choose instead. */
export async function openBackend(choice: BackendChoice): Promise<AnyBackend> {
  if (choice === "reference") return referenceBackend() as AnyBackend;
  if (choice === "wasm") {
    const { wasmBackend } = await import("@comhe/wasm");
    return (await wasmBackend({ threads: 1 })) as AnyBackend;
  }
  if (choice === "webgpu") {
    const { webgpuBackend } = await import("@comhe/webgpu");
    return (await webgpuBackend()) as AnyBackend;
  }
  const { gpujsBackend } = await import("@comhe/gpujs");
  return (await gpujsBackend({ mode: modes[choice] })) as AnyBackend;
}

const modes = { webgl2: "webgl2", "gpujs-webgpu": "webgpu", "gpujs-cpu": "cpu" } as const;

/** Whether WebGPU has a GPU here that isn't one in software. */
export async function hasGpu(): Promise<boolean> {
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter?.info?.isFallbackAdapter === false;
}
