/** The run on a visitor's GPU, for the documentation's page: `docs/scripts/gpu-page.mjs` calls for it. */
import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "error",
  build: {
    target: "es2022",
    emptyOutDir: true,
    // Larger than a page should be, and loaded when somebody asks for the run.
    chunkSizeWarningLimit: 4000,
    lib: { entry: "src/gpu/page.ts", formats: ["es"], fileName: () => "page.js" },
  },
});
