/** What may go wrong with a device, as errors that say what to do. */
import { EnergyError, type Shape } from "@comhe/core";

export function missingGpu(inNode: boolean, cause?: unknown): EnergyError {
  return inNode
    ? new EnergyError(
        "missing-peer",
        'webgpuBackend: this runtime has no navigator.gpu, and the package "webgpu", which brings Dawn to Node, can\'t be loaded' +
          `${cause instanceof Error ? ` (${cause.message.split("\n")[0]})` : ""}. Run npm install webgpu (on Linux it also needs a Vulkan ` +
          "loader, libvulkan1), or hand over a device of your own: webgpuBackend({ device }).",
        { peer: "webgpu" },
        cause,
      )
    : new EnergyError(
        "unsupported",
        "webgpuBackend: this runtime has no navigator.gpu. In a page it needs a browser with WebGPU and a secure context (https, or " +
          "localhost); in Deno the flag --unstable-webgpu of older versions. Or use the wasm backend, which runs anywhere.",
      );
}

export function missingAdapter(): EnergyError {
  return new EnergyError(
    "unsupported",
    "webgpuBackend: WebGPU is there, but no adapter: no GPU that it can use, or none that it may. Update the driver (chrome://gpu says " +
      "what a browser found); on Linux without a GPU a software Vulkan such as SwiftShader will do, named by VK_ICD_FILENAMES. Or use the " +
      "wasm backend.",
  );
}

export function missingDevice(cause: unknown): EnergyError {
  return new EnergyError(
    "unsupported",
    `webgpuBackend: the adapter gives no device: ${messageOf(cause)} Ask for a fresh adapter: one gives one device.`,
    {},
    cause,
  );
}

export function deviceLost(info: { readonly reason?: string; readonly message?: string } = {}): EnergyError {
  const why = info.message ? ` (${oneLine(info.message)})` : "";
  return new EnergyError(
    "unsupported",
    `The WebGPU device was lost${why}: its arrays are gone. Make a new backend, webgpuBackend(), and give evaluators their state again; ` +
      "where this happens again and again, the driver resets the GPU: take smaller sets, or the wasm backend.",
    { deviceLost: true, reason: info.reason ?? "unknown" },
  );
}

export function outOfMemory(message: string): EnergyError {
  return new EnergyError(
    "unsupported",
    `The GPU is out of memory: ${oneLine(message)} What was computed since is worthless. Free arrays (scope, download), set a smaller ` +
      "panelBytes, project to fewer dimensions, or take fewer rows.",
    { outOfMemory: true },
  );
}

export function deviceRefused(message: string): EnergyError {
  return new EnergyError(
    "unsupported",
    `WebGPU refused a command: ${oneLine(message)} What was computed with it is worthless. A buffer of another device, or one without the ` +
      "usage STORAGE, may be the reason; else please report it with the adapter's name.",
    { refused: true },
  );
}

export function tooLarge(bytes: number, limit: number, limitName: string, shape: Shape): EnergyError {
  return new EnergyError(
    "unsupported",
    `Too large for this device: an array [${shape.join(", ")}] takes ${bytes} bytes, ${limitName} is ${limit}. Project to fewer ` +
      "dimensions, take fewer rows, or make the device with the adapter's own limits (webgpuBackend() does).",
    { bytes, limit, limitName },
  );
}

export function inSeveralBuffers(operation: string, shape: Shape, buffers: number): EnergyError {
  return new EnergyError(
    "unsupported",
    `Too large for this device: "${operation}" needs [${shape.join(", ")}] in one buffer, and it lies in ${buffers}. Energies with every projection, ` +
      "their gradients and statistics take such rows; for this take fewer rows, or the wasm backend.",
    { buffers },
  );
}

export function disposed(): EnergyError {
  return new EnergyError("unsupported", "This webgpu backend was disposed of. Make a new one: webgpuBackend().");
}

export function foreignArray(): EnergyError {
  return new EnergyError(
    "unsupported",
    "This array was freed: it was read, or its scope has ended. Return it from its scope, and read it once, with everything else.",
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function oneLine(message: string): string {
  return message.trim().replace(/\s+/g, " ");
}
