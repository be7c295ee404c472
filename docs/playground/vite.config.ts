import { defineConfig } from "vite";

const page = (name: string) => new URL(name, import.meta.url).pathname;

export default defineConfig({
  base: "./",
  worker: { format: "es" },
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 3000,
    rollupOptions: {
      input: { sphere: page("index.html"), train: page("train.html"), live: page("src/live.ts") },
      // The site's front page imports it by this name.
      output: { entryFileNames: ({ name }) => (name === "live" ? "live.js" : "assets/[name]-[hash].js") },
      preserveEntrySignatures: "exports-only",
    },
  },
});
