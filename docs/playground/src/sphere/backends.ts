/** Backends of the page, each loaded when it is needed; and which is the fastest here, in words. */
import { type Backend, type BackendCandidates, EnergyError, fastestBackend, referenceBackend } from "@comhe/core";

export type BackendChoice = "fastest" | "webgpu" | "webgl2" | "wasm" | "reference";
export type AnyBackend = Backend<unknown>;

const names: Readonly<Record<Exclude<BackendChoice, "fastest">, string>> = {
  webgpu: "WebGPU",
  webgl2: "WebGL2 (gpu.js)",
  wasm: "WebAssembly",
  reference: "JavaScript in float64",
};

const makers: Readonly<Record<Exclude<BackendChoice, "fastest">, () => unknown>> = {
  webgpu: async () => (await import("@comhe/webgpu")).webgpuBackend(),
  webgl2: async () => (await import("@comhe/gpujs")).gpujsBackend({ mode: "webgl2" }),
  wasm: async () => (await import("@comhe/wasm")).wasmBackend(),
  reference: () => referenceBackend(),
};

/** From so many electrons on a GPU is tried: below, starting its kernels takes longer than the pairs. */
const fewForGpu = 512;

const onCpu: BackendCandidates = { wasm: makers.wasm, reference: makers.reference };
const withWebGpu: BackendCandidates = { webgpu: makers.webgpu, wasm: makers.wasm };
const withWebGl: BackendCandidates = { webgl2: makers.webgl2, wasm: makers.wasm };

/** Only where a GPU may win is its library downloaded. */
async function candidatesFor(count: number): Promise<{ candidates: BackendCandidates; by: "time" | "order" }> {
  if (count < fewForGpu) return { candidates: onCpu, by: "order" };
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  if (adapter) return { candidates: withWebGpu, by: "time" };
  if (document.createElement("canvas").getContext("webgl2")) return { candidates: withWebGl, by: "time" };
  return { candidates: onCpu, by: "order" };
}

export interface Opened {
  readonly backend: AnyBackend;
  /** What it is, and why. */
  readonly words: string;
}

/** @throws EnergyError for what this browser can't do; the message says what to choose instead */
export async function openBackend(choice: BackendChoice, count: number): Promise<Opened> {
  if (choice !== "fastest") {
    const backend = (await makers[choice]()) as AnyBackend;
    return { backend, words: `on ${names[choice]}, as you chose` };
  }
  const { candidates, by } = await candidatesFor(count);
  const found = await fastestBackend(candidates, { shape: [count, 3], by });
  const named = (name: string) => names[name as keyof typeof names];
  if (by === "order") {
    const why =
      count < fewForGpu ? "so few electrons take longer to reach a GPU than to compute" : "there is no GPU to ask";
    return { backend: found.backend, words: `on ${named(found.name)}, the fastest here: ${why}` };
  }
  const timed = found.candidates.map(({ name, milliseconds, problem }) =>
    milliseconds === undefined
      ? `${named(name)}: ${problem ?? "as before"}`
      : `${named(name)} ${milliseconds.toFixed(1)} ms`,
  );
  return { backend: found.backend, words: `on ${named(found.name)}, the fastest here (${timed.join(", ")})` };
}

/** What an error says, and nothing of where it was thrown. */
export function messageOf(error: unknown): string {
  return EnergyError.isInstance(error) || error instanceof Error ? error.message : String(error);
}
