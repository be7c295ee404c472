/**
 * Entry file of worker threads. They compute with `@comhe/native` or `@comhe/wasm` where these are installed, otherwise with core's reference backend.
 *
 * @packageDocumentation
 */
import { type Backend, EnergyError, referenceBackend } from "@comhe/core";
import { servePieces } from "./node/serve-pieces.js";

/** Optional packages; their names stay out of the bundler's sight and of the types. */
const optional = (name: string): Promise<Record<string, unknown>> => import(name);
type Make = (options: { threads: number }) => Backend<unknown> | Promise<Backend<unknown>>;

const known: Readonly<Record<string, () => Promise<Backend<unknown>>>> = {
  native: async () => ((await optional("@comhe/native")).nativeBackend as Make)({ threads: 1 }),
  wasm: async () => ((await optional("@comhe/wasm")).wasmBackend as Make)({ threads: 1 }),
  reference: async () => referenceBackend() as Backend<unknown>,
};

async function loadBackend(name: string): Promise<Backend<unknown>> {
  if (name !== "auto") {
    const load = known[name];
    if (load === undefined)
      throw new EnergyError(
        "invalid-config",
        `expected a backend among auto, ${Object.keys(known).join(", ")}; got ${name}.`,
      );
    return load();
  }
  for (const load of Object.values(known)) {
    try {
      return await load();
    } catch {
      // The next one, then.
    }
  }
  throw new EnergyError("missing-peer", "no backend can be loaded. Install one: npm install @comhe/wasm.");
}

await servePieces({ loadBackend });
