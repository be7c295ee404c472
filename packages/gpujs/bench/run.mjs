// Node 20 doesn't read TypeScript; Vite does.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

await runnerImport(fileURLToPath(new URL("./main.ts", import.meta.url)), { configFile: false, logLevel: "error" });
process.exit(0);
