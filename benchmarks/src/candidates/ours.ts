/** Our backends. One that isn't built yet is reported in its place. */
import type { Backend } from "@comhe/core";
import { plainBackend } from "../plain/plain-backend.js";
import { backendCandidate } from "./backend-candidate.js";
import { type Candidate, Unavailable } from "./candidate.js";
import { ourTfjs } from "./tfjs.js";

type Options = Readonly<Record<string, unknown>>;

/** By a name that the compiler doesn't resolve, so that a package may be missing. */
async function create(name: string, factory: string, options: Options): Promise<Backend<unknown>> {
  const module = (await import(name)) as Record<string, (options: Options) => Promise<Backend<unknown>>>;
  return module[factory]!(options);
}

/** One of ours by its package's name, on the instructions it takes by itself. */
export function backendOf(kind: "native" | "wasm", threads: number): Promise<Backend<unknown>> {
  return create(`@comhe/${kind}`, `${kind}Backend`, { threads });
}

const wasm = (threads: number, build: "baseline" | "relaxed") =>
  backendCandidate({
    name: `@comhe/wasm ${build}, ${threads} thread${threads === 1 ? "" : "s"}`,
    id: `wasm-${build}-${threads}`,
    create: async () => {
      const { wasmBackend } = await import("@comhe/wasm");
      const backend = await wasmBackend({ threads, build });
      if (backend.threads === threads) return backend;
      await backend.dispose?.();
      throw new Unavailable(`runs on ${backend.threads} thread here`);
    },
  });

const native = (threads: number) =>
  backendCandidate({
    name: `@comhe/native, ${threads} thread${threads === 1 ? "" : "s"}`,
    id: `native-${threads}`,
    create: () => create("@comhe/native", "nativeBackend", { threads }),
  });

const onnx = backendCandidate({
  name: "@comhe/onnx, 2 threads",
  id: "onnx",
  create: async () => {
    const { default: runtime } = await import("onnxruntime-node");
    return create("@comhe/onnx", "onnxBackend", { runtime, sessionOptions: { intraOpNumThreads: 2 } });
  },
});

export const plainJavaScript: Candidate = backendCandidate({
  name: "plain JavaScript, tiles",
  id: "plain-js",
  create: () => plainBackend("float32"),
});

export const ourCandidates: readonly Candidate[] = [
  native(2),
  native(1),
  wasm(2, "relaxed"),
  wasm(1, "relaxed"),
  wasm(2, "baseline"),
  wasm(1, "baseline"),
  onnx,
  ourTfjs,
];
