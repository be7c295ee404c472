/**
 * What computes in a page, the fastest first. A backend on the GPU is one more offer at the head of the list: it says by `undefined` that this browser or machine
 * has none, and the next one is asked.
 */
import type { Backend } from "@comhe/core";

export interface Offer {
  readonly name: string;
  /** @returns the backend, and what a reader should know of it; `undefined` where it can't run here */
  load(): Promise<{ readonly backend: Backend<unknown>; readonly about: string } | undefined>;
}

export const offers: readonly Offer[] = [
  {
    name: "wasm",
    async load() {
      const { wasmBackend } = await import("@comhe/wasm");
      // Where threads can't start, one computes the same: `about` says how many there are.
      const backend = wasmBackend({ warn: () => {} });
      const threads = `${backend.threads} ${backend.threads === 1 ? "thread" : "threads"}`;
      const how =
        backend.build === "javascript" ? "plain JavaScript" : `WebAssembly, ${backend.build} SIMD, ${threads}`;
      const alone = globalThis.crossOriginIsolated
        ? ""
        : "; served with the headers of cross-origin isolation this page would use all processors";
      return { backend: backend as Backend<unknown>, about: `${how}${alone}` };
    },
  },
  {
    name: "reference",
    async load() {
      const { referenceBackend } = await import("@comhe/core");
      return { backend: referenceBackend() as Backend<unknown>, about: "plain JavaScript in float64, which is slow" };
    },
  },
];

/** The first that runs here. */
export async function fastestBackend(among: readonly Offer[] = offers) {
  for (const offer of among) {
    const loaded = await offer.load().catch(() => undefined);
    if (loaded) return loaded;
  }
  throw new Error(`None of ${among.map(({ name }) => name).join(", ")} runs in this browser.`);
}
