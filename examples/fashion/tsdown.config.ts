import { defineConfig, type UserConfig } from "tsdown";

const shared: UserConfig = {
  format: "esm",
  platform: "node",
  target: "node20",
  fixedExtension: false,
  dts: false,
  sourcemap: true,
};

// Separate builds, so that the worker is one file without shared chunks: its digest says whether a stored run is still
// the run this code would make.
export default defineConfig([
  { ...shared, entry: { main: "src/main.ts" }, clean: ["dist/main.*"] },
  { ...shared, entry: { worker: "src/worker.ts" }, clean: ["dist/worker.*"] },
  { ...shared, entry: { network: "src/network.ts" }, clean: ["dist/network.*"], dts: true },
]);
