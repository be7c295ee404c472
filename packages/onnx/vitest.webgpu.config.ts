import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/conformance.webgpu.ts"], testTimeout: 600_000 } });
