/** Picks the fastest TensorFlow.js that is installed, and says which. */
import { EnergyError } from "@comhe/core";

/** The API that each of the TensorFlow.js packages exports: that of tfjs-core and tfjs-layers. */
export type TfjsModule = typeof import("@tensorflow/tfjs-core") & typeof import("@tensorflow/tfjs-layers");

/**
 * Which TensorFlow.js computes: `"node-gpu"` the native one on CUDA, `"node"` the native one on the CPU, `"wasm"` the one in WebAssembly, `"cpu"` the
 * one in plain JavaScript.
 */
export type TfjsRuntime = "node-gpu" | "node" | "wasm" | "cpu";

/** Options of {@link loadTfjs}. */
export interface LoadTfjsOptions {
  /** What to try before the others, in this order. Default: the fastest first, `"node-gpu"`, `"node"`, `"wasm"`, `"cpu"`. */
  readonly prefer?: TfjsRuntime | readonly TfjsRuntime[] | undefined;
  /** How a package is imported. Default: `import(name)`, from where this package is installed. */
  readonly importModule?: ((packageName: string) => Promise<unknown>) | undefined;
  /** Whether `message` isn't to be written with `console.info`. Default false. */
  readonly quiet?: boolean | undefined;
}

/** The TensorFlow.js that was chosen. */
export interface LoadedTfjs {
  /** The API of the TensorFlow.js that was chosen. */
  readonly tf: TfjsModule;
  /** The active tfjs backend: `"tensorflow"`, `"wasm"` or `"cpu"`. */
  readonly backend: string;
  /** The package that brought the backend. */
  readonly packageName: string;
  /** The packages that were tried before and don't work. */
  readonly tried: readonly TriedPackage[];
  /** A sentence on what was chosen, and a line for each faster one on how to get it. */
  readonly message: string;
}

/** A package that was tried and doesn't work here. */
export interface TriedPackage {
  /** The package's name. */
  readonly packageName: string;
  /** Why it doesn't work, in words. */
  readonly problem: string;
}

interface Candidate {
  readonly runtime: TfjsRuntime;
  readonly backend: string;
  readonly speed: string;
  /** Imported in order: the module with the tfjs API first, the one that brings the backend last. */
  readonly packages: readonly [string, ...string[]];
}

/** Fastest first. */
const candidates: readonly Candidate[] = [
  { runtime: "node-gpu", backend: "tensorflow", speed: "native, CUDA", packages: ["@tensorflow/tfjs-node-gpu"] },
  { runtime: "node", backend: "tensorflow", speed: "native, CPU", packages: ["@tensorflow/tfjs-node"] },
  {
    runtime: "wasm",
    backend: "wasm",
    speed: "WebAssembly",
    packages: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
  },
  { runtime: "cpu", backend: "cpu", speed: "plain JavaScript, slow", packages: ["@tensorflow/tfjs"] },
];

/**
 * Imports tfjs-node-gpu, tfjs-node, tfjs with the wasm backend, or tfjs alone: the first of them that works.
 *
 * @throws EnergyError `missing-peer` where none is installed or none works; the message says how to install one, and
 *   what is wrong with those that are installed but broken. `invalid-config` for an unknown runtime.
 */
export async function loadTfjs(options: LoadTfjsOptions = {}): Promise<LoadedTfjs> {
  const { importModule = (name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name), quiet = false } = options;
  const tried: TriedPackage[] = [];
  const hints: string[] = [];
  for (const candidate of inOrder(options.prefer)) {
    const { packages, backend, speed } = candidate;
    const packageName = packages.at(-1)!;
    const outcome = await load(candidate, importModule);
    if ("tf" in outcome) {
      const chosen = `TensorFlow.js runs on ${packageName} (backend ${backend}: ${speed}).`;
      const message = [chosen, ...hints].join("\n");
      if (!quiet) console.info(message);
      return { tf: outcome.tf, backend, packageName, tried, message };
    }
    tried.push({ packageName: outcome.packageName, problem: outcome.problem });
    const install = `npm install ${packages.join(" ")}`;
    hints.push(
      outcome.missing
        ? `For ${speed}: ${install}`
        : `${outcome.packageName} is installed but doesn't work: ${outcome.problem}`,
    );
  }
  throw new EnergyError(
    "missing-peer",
    `No TensorFlow.js could be loaded. Install one of them, the fastest first:\n${hints.join("\n")}`,
    { tried },
  );
}

function inOrder(prefer: LoadTfjsOptions["prefer"] = []): readonly Candidate[] {
  const wanted = typeof prefer === "string" ? [prefer] : prefer;
  const preferred = wanted.map((runtime) => {
    const found = candidates.find((candidate) => candidate.runtime === runtime);
    if (found) return found;
    const known = candidates.map((candidate) => `"${candidate.runtime}"`).join(", ");
    throw new EnergyError("invalid-config", `prefer: expected ${known}, got ${JSON.stringify(runtime)}.`, {
      path: "prefer",
    });
  });
  return [...new Set([...preferred, ...candidates])];
}

type Outcome =
  | { readonly tf: TfjsModule }
  | { readonly packageName: string; readonly problem: string; readonly missing: boolean };

async function load(
  { packages, backend }: Candidate,
  importModule: NonNullable<LoadTfjsOptions["importModule"]>,
): Promise<Outcome> {
  let tf: TfjsModule | undefined;
  for (const packageName of packages) {
    try {
      const imported = await importModule(packageName);
      tf ??= apiOf(imported);
    } catch (error) {
      const missing = isMissing(error, packageName);
      return { packageName, problem: missing ? "not installed" : textOf(error), missing };
    }
  }
  const packageName = packages.at(-1)!;
  try {
    const active = await tf!.setBackend(backend);
    if (!active) return { packageName, problem: `its backend "${backend}" failed to start`, missing: false };
    await tf!.ready();
    await checkComputes(tf!);
    return { tf: tf! };
  } catch (error) {
    return { packageName, problem: textOf(error), missing: false };
  }
}

/** A package may import and start, and still fail at its first operation, as tfjs-node 4.22 does on Node 23 and newer. */
async function checkComputes(tf: TfjsModule): Promise<void> {
  const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])));
  const [first, second] = await sum.data();
  sum.dispose();
  if (first !== 4 || second !== 6) throw new Error(`it computes [1, 2] + [3, 4] = [${first}, ${second}]`);
}

/** The packages are CommonJS: Node gives their exports by name, and whole as `default`; some loaders only the latter. */
function apiOf(imported: unknown): TfjsModule {
  const module = imported as Partial<TfjsModule> & { readonly default?: TfjsModule };
  const api = typeof module.setBackend === "function" ? module : module.default;
  if (typeof api?.setBackend === "function") return api as TfjsModule;
  throw new Error("it doesn't export the TensorFlow.js API");
}

/** How Node (ESM, CommonJS), bundlers and browsers begin the message about a package that isn't there. */
const notThere = /cannot find (package|module)|(could not|failed to) resolve/i;

/** Whether the package itself isn't there, rather than something it needs. */
function isMissing(error: unknown, packageName: string): boolean {
  const text = textOf(error);
  return notThere.test(text) && (text.includes(`'${packageName}'`) || text.includes(`"${packageName}"`));
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n")[0]!;
}
