/** Serves the page with Vite, on loopback, and opens it in Debian's Chromium, whose GPU is SwiftShader. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Why the tests in a page are skipped; `undefined` where they run. */
export const skipReason = executablePath ? undefined : "no Chromium at /usr/bin/chromium";

export interface OpenedBrowser {
  /** @param before runs in the page before any of its scripts */
  open(before?: () => void): Promise<Page>;
  close(): Promise<void>;
}

export async function openChromium(): Promise<OpenedBrowser> {
  const server: ViteDevServer = await createServer({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0, hmr: false, fs: { strict: false } },
    optimizeDeps: { include: ["gpu.js"] },
    cacheDir: fileURLToPath(new URL("../../node_modules/.vite-page", import.meta.url)),
  });
  await server.listen();
  const browser: Browser = await chromium.launch({
    executablePath: executablePath!,
    args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  });
  return {
    async open(before) {
      const page = await browser.newPage();
      page.on("pageerror", (error) => console.error(`in the page: ${error.message}`));
      if (before) await page.addInitScript(before);
      await page.goto(server.resolvedUrls!.local[0]!);
      await page.waitForFunction("globalThis.conform !== undefined");
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
