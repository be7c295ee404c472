import { defineConfig, type UserConfig } from "tsdown";

const shared: UserConfig = {
  format: "esm",
  platform: "node",
  target: "node20",
  fixedExtension: false,
  dts: false,
  sourcemap: true,
};

// Two builds, so that the worker is one file, without shared chunks and with what it takes from the study kit: its digest
// says whether a stored run is still the run this code would make.
export default defineConfig([
  { ...shared, entry: { main: "src/main.ts" } },
  {
    ...shared,
    entry: { worker: "src/worker.ts" },
    // What makes runs pieces of a plan says nothing about what comes out of them.
    deps: { alwaysBundle: ["@comhe-examples/study-kit/worker"], neverBundle: [/^@comhe\/jobs/] },
  },
]);
