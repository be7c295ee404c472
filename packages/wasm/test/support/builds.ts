/** The builds that this engine runs. Node 20 has relaxed SIMD behind a flag, which is set here before anything is compiled. */
import { setFlagsFromString } from "node:v8";
import { supportedBuild } from "../../src/kernels/load-kernels.js";
import type { BuildName } from "../../src/kernels/packed-kernels.js";

if (supportedBuild() === "baseline" && process.versions.node.startsWith("20.")) {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}

export const testedBuilds: readonly BuildName[] =
  supportedBuild() === "relaxed" ? ["baseline", "relaxed"] : ["baseline"];
if (testedBuilds.length === 1) console.info("relaxed SIMD: not tested, since this engine lacks it");
