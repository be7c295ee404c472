/**
 * The backend of a page that leaves the choice to the browser: WebGPU where there is a GPU, else WebAssembly, on all processors where the page is
 * isolated; and why, in words. A GPU that is made of software is slower than WebAssembly, and taken only where it is asked for.
 */
import type { Backend } from "@comhe/core";

export interface BackendHere {
  readonly backend: Backend<unknown>;
  readonly name: "webgpu" | "wasm";
  /** What it is, and why it is none faster: "WebGPU, …". */
  readonly words: string;
}

/**
 * @param forced that WebGPU was asked for, if it be software
 * @throws EnergyError `unsupported` where WebGPU is forced and can't compute
 */
export async function backendHere(forced = false): Promise<BackendHere> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  let why = navigator.gpu ? "WebGPU finds no GPU here" : "this browser has no WebGPU";
  if (adapter && isSoftware(adapter) && !forced) why = `WebGPU's only GPU here is software, ${nameOf(adapter)}`;
  else if (adapter || forced) {
    const { webgpuBackend } = await import("@comhe/webgpu");
    try {
      const backend = await webgpuBackend(adapter ? { adapter } : {});
      const software = adapter && isSoftware(adapter) ? ", which is software and was asked for" : "";
      return {
        backend: backend as Backend<unknown>,
        name: "webgpu",
        words: `WebGPU, ${adapter ? nameOf(adapter) : "a GPU"}${software}`,
      };
    } catch (error) {
      if (forced) throw error;
      why = `WebGPU fails here: ${(error as Error).message}`;
    }
  }
  const { wasmBackend } = await import("@comhe/wasm");
  // Where threads can't start, one computes the same: the words say how many there are.
  const backend = wasmBackend({ warn: () => {} });
  const threads = backend.threads === 1 ? "one thread" : `${backend.threads} threads`;
  return { backend: backend as Backend<unknown>, name: "wasm", words: `WebAssembly, ${threads}: ${why}` };
}

/** Of Chromium's SwiftShader and Windows' WARP, which compute on the processor. */
function isSoftware({ info }: GPUAdapter): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const named = [vendor, architecture, device, description].join(" ");
  return isFallbackAdapter || /swiftshader|llvmpipe|warp|basic render|software/i.test(named);
}

function nameOf({ info: { vendor, architecture, description } }: GPUAdapter): string {
  return description || [vendor, architecture].filter(Boolean).join(" ") || "a GPU that the browser doesn't name";
}
