import { defineConfig } from "tsdown";
import { program } from "../../tsdown.base.js";

// Separate builds, so that the worker is one file without shared chunks: its digest says whether a stored run is still
// the run this code would make.
export default defineConfig([
  { ...program, clean: ["dist/main.*"] },
  { ...program, entry: { worker: "src/worker.ts" }, clean: ["dist/worker.*"] },
  { ...program, entry: { network: "src/network.ts" }, clean: ["dist/network.*"], dts: true },
]);
