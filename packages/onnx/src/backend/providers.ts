/** Execution providers by name, and what to do about one that isn't there. */
import { EnergyError } from "@comhe/core";
import type { ExecutionProviders, OnnxRuntime } from "./runtime.js";

export function providerNames(providers: ExecutionProviders): readonly string[] {
  return providers.map((each) => (typeof each === "string" ? each : each.name));
}

const howToInstall: Readonly<Record<string, string>> = {
  cuda:
    "In Node, install the CUDA 12 toolkit and cuDNN 9 (Linux x64), and onnxruntime-node with its install script allowed, which " +
    "fetches the CUDA libraries: npm install onnxruntime-node --onnxruntime-node-install=cuda12",
  tensorrt: "In Node, install TensorRT and CUDA 12, and onnxruntime-node as for cuda",
  dml: "DirectML needs onnxruntime-node on Windows",
  coreml: "CoreML needs onnxruntime-node on macOS",
  cpu: "npm install onnxruntime-node, and pass it as `runtime`",
  wasm: 'npm install onnxruntime-web, and pass it as `runtime`: import * as runtime from "onnxruntime-web"',
  webgl: "npm install onnxruntime-web",
  webnn: 'npm install onnxruntime-web, and pass it as `runtime`: import * as runtime from "onnxruntime-web/all"',
  webgpu:
    'In a browser with WebGPU, pass `runtime` from "onnxruntime-web/webgpu"; in Node, onnxruntime-node has it where there is a ' +
    "GPU with a Vulkan, Metal or D3D12 driver",
};

/** The error where the runtime's own choice of a provider fails: it is the options, then. */
export function refusedOptions(reason: unknown): EnergyError {
  return new EnergyError(
    "invalid-config",
    `onnxBackend: ONNX Runtime makes no session with these sessionOptions: ${said(reason)}`,
    { path: "sessionOptions" },
    reason,
  );
}

const said = (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)).trim();

/** The error for providers none of which works; `reasons` are the runtime's, one for each. */
export function missingProvider(names: readonly string[], reasons: readonly unknown[], available: string): EnergyError {
  const lines = names.map((name, n) => {
    const hint = howToInstall[name] ?? "not a provider that this version knows";
    return `"${name}" (${said(reasons[n]).replace(/\.$/, "")}): ${hint.replace(/\.$/, "")}`;
  });
  return new EnergyError(
    "missing-peer",
    `onnxBackend: expected an execution provider that works, got none. ${lines.join(". ")}.${available}`,
    { providers: names },
    reasons[0],
  );
}

/** What onnxruntime-node brings along, for the message. */
export function bundledProviders({ listSupportedBackends }: OnnxRuntime): string {
  const bundled = listSupportedBackends?.().filter((each) => each.bundled !== false);
  return bundled ? ` This runtime brings along: ${bundled.map(({ name }) => name).join(", ")}.` : "";
}
