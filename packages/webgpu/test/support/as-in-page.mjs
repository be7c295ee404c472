/** WebGPU in Node where programs for pages look for it: `navigator.gpu`, and its names as globals. */
import { create, globals } from "webgpu";

// As `src/device/open-device.ts` asks for it in Node.
const gpu = create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
Object.assign(globalThis, globals);
const navigator = { gpu, userAgent: `Node ${process.version}`, hardwareConcurrency: 1 };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
