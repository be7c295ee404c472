/** Serves the page with Vite, on loopback, and opens it in Chromium. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { createServer } from "vite";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Why the tests in a page are skipped; `undefined` where they run. */
export const skipReason = executablePath ? undefined : "no Chromium at /usr/bin/chromium";

export interface OpenedPage {
  readonly page: Page;
  close(): Promise<void>;
}

export async function openPage(): Promise<OpenedPage> {
  const server = await createServer({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, hmr: false, fs: { strict: false } },
    // It finds its WebAssembly beside itself.
    optimizeDeps: { exclude: ["onnxruntime-web"] },
    cacheDir: fileURLToPath(new URL("../../node_modules/.vite-page", import.meta.url)),
  });
  await server.listen();
  const browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`in the page: ${error.message}`));
  await page.goto(server.resolvedUrls!.local[0]!);
  await page.waitForFunction("globalThis.conform !== undefined");
  return {
    page,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
