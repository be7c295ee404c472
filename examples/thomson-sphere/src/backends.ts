/** The backends that the page offers, each loaded when it is chosen, with what to call it. */
import { type Backend, referenceBackend } from "@comhe/core";
import { backendHere } from "./backend-here.js";

/** `here`: whichever this browser has, WebGPU first. */
export type BackendChoice = "here" | "webgpu" | "webgl2" | "gpujs-webgpu" | "gpujs-cpu" | "wasm" | "reference";

export type AnyBackend = Backend<unknown>;

export interface Opened {
  readonly backend: AnyBackend;
  readonly words: string;
}

/** @throws EnergyError for what this browser can't do; the message says what to choose instead. */
export async function openBackend(choice: BackendChoice): Promise<Opened> {
  if (choice === "here" || choice === "webgpu") return backendHere(choice === "webgpu");
  const backend = await made(choice);
  return { backend, words: `${backend.name}, ${backend.precision}` };
}

async function made(choice: Exclude<BackendChoice, "here" | "webgpu">): Promise<AnyBackend> {
  if (choice === "reference") return referenceBackend() as AnyBackend;
  if (choice === "wasm") {
    const { wasmBackend } = await import("@comhe/wasm");
    return wasmBackend({ threads: 1 }) as AnyBackend;
  }
  const { gpujsBackend } = await import("@comhe/gpujs");
  return (await gpujsBackend({ mode: modes[choice] })) as AnyBackend;
}

const modes = { webgl2: "webgl2", "gpujs-webgpu": "webgpu", "gpujs-cpu": "cpu" } as const;
