/** The conformance suite. */
import { testBackend } from "@comhe/conformance";
import { type WasmBackend, wasmBackend } from "../src/index.js";

/** The one that the suite runs on; later ones are run beside it. */
let backend: WasmBackend | undefined;
testBackend({
  name: "wasm, baseline",
  create: () => {
    const made = wasmBackend();
    backend ??= made;
    return made;
  },
  tolerance: { energy: 1e-5, gradient: 1e-4 },
  handles: () => backend!.memory().arrays,
});
