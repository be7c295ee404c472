/** A page on loopback: by Vite, or file by file. */
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
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
export async function serveBuilt(
  folder: URL,
  { isolated = false }: Pick<ServeOptions, "isolated"> = {},
): Promise<Served> {
  const headers = isolated ? isolation : {};
  const server = await preview({ root: fileURLToPath(folder), logLevel: "warn", preview: { host, port: 0, headers } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/** The headers without which a page has no SharedArrayBuffer, and so no threads. */
export const isolationHeaders: Readonly<Record<string, string>> = isolation;

/**
 * @param files by their paths, `"/index.html"` among them
 * @param headersOf what each answer has beside its type, by its path and query: a Content-Security-Policy, say
 */
export async function serveFiles(
  files: ReadonlyMap<string, Uint8Array | string>,
  headersOf: (url: URL) => Readonly<Record<string, string>>,
): Promise<Served> {
  const server = createHttpServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://loopback");
    const path = url.pathname === "/" ? "/index.html" : url.pathname;
    const content = files.get(path);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream", ...headersOf(url) });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
