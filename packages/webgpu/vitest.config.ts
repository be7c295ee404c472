import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * Beside Debian's Chromium lie a Vulkan driver in software and its loader: a GPU for Dawn in Node where there is none. Dawn looks for both when a
 * process begins, so that this is set before the runner starts its own. Whoever has a driver names it, or another ICD, in VK_ICD_FILENAMES.
 */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(driver)) {
  process.env.VK_ICD_FILENAMES = driver;
  process.env.LD_LIBRARY_PATH = ["/usr/lib/chromium", process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
}
process.env.XDG_RUNTIME_DIR ??= tmpdir();

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 120_000,
    // The page's tests beside those of Node, also where there are but two cores.
    maxWorkers: 2,
    // A process each: Dawn's devices are global to one.
    pool: "forks",
  },
});
