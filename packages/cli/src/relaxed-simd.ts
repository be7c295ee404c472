/**
 * Node 20 has WebAssembly's relaxed SIMD behind a flag, later versions have it on. The command is a process of its own, so it may set the flag
 * before anything is compiled; `@comhe/wasm` then finds the instruction by validating it, as everywhere, and takes its faster build.
 */
import { setFlagsFromString } from "node:v8";

const firstWithout = 21;
const { bun, node } = process.versions;
/** To be called before anything is compiled. */
export function allowRelaxedSimd(): void {
  // Bun answers to Node's version, and has an engine without such flags.
  if (bun === undefined && Number(node.split(".")[0]) < firstWithout)
    setFlagsFromString("--experimental-wasm-relaxed-simd");
}
