/** Node 20 has relaxed SIMD behind a flag; later versions have it on. Import this before anything that looks for it. */
import { setFlagsFromString } from "node:v8";

const firstWithout = 21;
if (Number(process.versions.node.split(".")[0]) < firstWithout) setFlagsFromString("--experimental-wasm-relaxed-simd");
