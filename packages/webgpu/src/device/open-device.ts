/** Finds WebGPU, an adapter and a device: in pages, workers and Deno `navigator.gpu`, in Node the package `webgpu` (Dawn). */
import { missingAdapter, missingDevice, missingGpu } from "./failures.js";

/** Limits that are taken as the adapter has them; the defaults are those of the smallest phones. */
const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Dawn in Node: the instance lives as long as the process, which crashes where it is collected under a device's feet. */
let dawn: GPU | undefined;

/**
 * Without it Dawn leaves it to the driver to clear workgroup memory, and drivers in software write that out number by number: kernels then take
 * some five times as long to compile. With it Dawn writes a loop, as it does for Metal and Direct3D.
 */
const dawnFlags = ["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"];

interface DawnModule {
  create(flags: string[]): GPU;
}

/** Devices that aren't lost yet, with what they were made of: a native object must outlive those made from it. */
const alive = new Set<readonly unknown[]>();

async function findGpu(): Promise<GPU> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  if (navigator?.gpu) return navigator.gpu;
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (!process?.versions?.node) throw missingGpu(false);
  if (dawn) return dawn;
  // A name that bundlers for pages can't follow: there the package isn't wanted.
  const name = "webgpu";
  try {
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as DawnModule;
    dawn = create(dawnFlags);
    return dawn;
  } catch (cause) {
    throw missingGpu(true, cause);
  }
}

/**
 * @param adapter left out: the one that WebGPU gives for speed
 * @throws EnergyError `missing-peer` in Node without the package `webgpu`, `unsupported` without WebGPU, an adapter or a device
 */
export async function openDevice(adapter?: GPUAdapter): Promise<GPUDevice> {
  const gpu = adapter ? undefined : await findGpu();
  const taken = adapter ?? (await gpu!.requestAdapter({ powerPreference: "high-performance" }));
  if (!taken) throw missingAdapter();
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, taken.limits[name]]));
  try {
    const device = await taken.requestDevice({ label: "comhe", requiredLimits });
    const kept = [gpu, taken, device];
    alive.add(kept);
    device.lost.then(() => alive.delete(kept));
    return device;
  } catch (cause) {
    throw missingDevice(cause);
  }
}
