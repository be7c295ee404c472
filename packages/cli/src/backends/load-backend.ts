/** Backends by name, each imported when it is asked for. */
import { type Backend, EnergyError, fastestBackend, referenceBackend } from "@comhe/core";

/** The names of the backends that the command knows. */
export type BackendName = "native" | "wasm" | "onnx" | "tfjs" | "reference";

export interface BackendChoice {
  readonly name: BackendName;
  /** What to install for it. */
  readonly packages: readonly string[];
  /** @param threads that it may take, where it has a choice. Default: its own */
  readonly load: (threads?: number) => Promise<Backend<unknown>>;
}

/** Optional packages; their names stay out of the bundler's sight and of the types. */
const optional = (name: string): Promise<Record<string, unknown>> => import(name);

/** The fastest first. */
export const backendChoices: readonly BackendChoice[] = [
  {
    name: "native",
    packages: ["@comhe/native"],
    async load(threads) {
      const { nativeBackend } = (await optional("@comhe/native")) as {
        nativeBackend: (options: object) => Backend<unknown>;
      };
      return nativeBackend(threads === undefined ? {} : { threads });
    },
  },
  {
    name: "wasm",
    packages: ["@comhe/wasm"],
    load: async (threads) =>
      (await import("@comhe/wasm")).wasmBackend(threads === undefined ? {} : { threads }) as Backend<unknown>,
  },
  {
    name: "onnx",
    packages: ["@comhe/onnx", "onnxruntime-node"],
    async load() {
      const [{ onnxBackend }, runtime] = await Promise.all([optional("@comhe/onnx"), optional("onnxruntime-node")]);
      if (typeof onnxBackend !== "function") throw new Error("this version of @comhe/onnx has no backend");
      return (await onnxBackend({ runtime: runtime.default ?? runtime })) as Backend<unknown>;
    },
  },
  {
    name: "tfjs",
    packages: ["@comhe/tfjs", "@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
    async load() {
      const { loadTfjs, tfjsBackend } = (await optional("@comhe/tfjs")) as {
        loadTfjs: (options: object) => Promise<unknown>;
        tfjsBackend: () => Backend<unknown>;
      };
      await loadTfjs({ quiet: true });
      return tfjsBackend();
    },
  },
  { name: "reference", packages: [], load: async () => referenceBackend() as Backend<unknown> },
];

/** Why a backend can't be loaded, in one line. */
export function loadProblem(error: unknown): string {
  const line = (error as Error).message.split("\n")[0]!;
  const missing = /^Cannot find (?:package|module) '([^']+)'/.exec(line)?.[1];
  return missing === undefined ? line : `${missing} isn't installed`;
}

/** What `auto` chooses among, the faster first: backends without a runtime of their own, which are there at once. */
const automatic = backendChoices.filter(({ name }) => name === "native" || name === "wasm");

/**
 * Loads a backend by name: a {@link BackendName}, or `"auto"`, which is native where it can run, else wasm, or the reference backend where
 * neither can. It doesn't choose by the clock, since an audit that goes on from an earlier one must compute as that did.
 *
 * @param threads how many threads it may take; default: as many as it takes by itself
 * @throws EnergyError `missing-peer` where it can't be loaded, with what to install; `invalid-config` for an unknown name
 */
export async function loadBackend(name: string, threads?: number): Promise<Backend<unknown>> {
  if (name === "auto") {
    try {
      const candidates = Object.fromEntries(automatic.map((each) => [each.name, () => each.load(threads)]));
      return (await fastestBackend(candidates, { shape: [8, 16], by: "order" })).backend;
    } catch {
      // Without WebAssembly SIMD: slow, but right.
      return loadBackend("reference");
    }
  }
  const choice = backendChoices.find((candidate) => candidate.name === name);
  if (choice === undefined) {
    const known = ["auto", ...backendChoices.map((each) => each.name)].map((each) => `"${each}"`).join(", ");
    throw new EnergyError("invalid-config", `loadBackend: expected one of ${known}; got ${JSON.stringify(name)}.`);
  }
  try {
    return await choice.load(threads);
  } catch (error) {
    throw new EnergyError(
      "missing-peer",
      `--backend ${name}: it can't be loaded (${loadProblem(error)}). ` +
        `Install it: npm install ${choice.packages.join(" ")}. \`comhe doctor\` says what works.`,
      {},
      error,
    );
  }
}
