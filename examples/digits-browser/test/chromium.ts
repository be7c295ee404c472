/** Debian's Chromium, and the built page on loopback. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { type PreviewServer, preview } from "vite";

export const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const hasChromium = existsSync(chromiumPath);

export async function openSite(): Promise<{ readonly url: string; readonly browser: Browser; close(): Promise<void> }> {
  const root = join(import.meta.dirname, "..");
  const server: PreviewServer = await preview({ root, logLevel: "warn", preview: { host: "127.0.0.1", port: 0 } });
  const { port } = server.httpServer.address() as { port: number };
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A machine without a GPU draws on SwiftShader.
      "--enable-unsafe-swiftshader",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
    ],
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
