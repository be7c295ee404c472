/** A page on loopback, by Vite. */
import { fileURLToPath } from "node:url";
import { createServer, preview, type UserConfig } from "vite";

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Sends the headers without which a page has no SharedArrayBuffer, and so no threads. Default false. */
  readonly isolated?: boolean;
  /** What Vite bundles beforehand. */
  readonly optimizeDeps?: UserConfig["optimizeDeps"];
}

const host = "127.0.0.1";
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** @param folder holds `index.html`, whose scripts may be TypeScript */
export async function serveSources(folder: URL, options: ServeOptions = {}): Promise<Served> {
  const { isolated = false, optimizeDeps = {} } = options;
  const server = await createServer({
    root: fileURLToPath(folder),
    configFile: false,
    logLevel: "error",
    server: { host, port: 0, hmr: false, fs: { strict: false }, headers: isolated ? isolation : {} },
    optimizeDeps,
  });
  await server.listen();
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

/** @param folder holds `dist`, which `vite build` wrote */
export async function serveBuilt(folder: URL): Promise<Served> {
  const server = await preview({ root: fileURLToPath(folder), logLevel: "warn", preview: { host, port: 0 } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}
