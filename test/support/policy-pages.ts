/** Pages under real Content-Security-Policies: what each package's backend does there. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { energyAndGradient, referenceBackend } from "@comhe/core";
import { isolationHeaders, openSite, type Site, serveFiles } from "@comhe/page-kit";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const count = 400;
const dim = 128;
const config = { space: "half", projection: { kind: "random", dimension: 20, count: 4 } } as const;

/** Each makes a backend, as its README says. */
export const backends = {
  core: `import { referenceBackend } from "@comhe/core";
export const make = () => referenceBackend();`,
  wasm: `import { wasmBackend } from "@comhe/wasm";
export const make = () => wasmBackend({ threads: 3 });`,
  "tfjs-webgl": `import * as tf from "@tensorflow/tfjs"; import { tfjsBackend } from "@comhe/tfjs";
export const make = async () => (await tf.setBackend("webgl"), tfjsBackend());`,
  "tfjs-wasm": `import * as tf from "@tensorflow/tfjs"; import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm"; import { tfjsBackend } from "@comhe/tfjs";
export const make = async () => {
  setWasmPaths("/");
  if (!(await tf.setBackend("wasm"))) throw new Error("wasm doesn't start");
  return tfjsBackend();
};`,
  onnx: `import * as runtime from "onnxruntime-web/wasm"; import { onnxBackend } from "@comhe/onnx";
export const make = () => {
  runtime.env.wasm.wasmPaths = "/";
  runtime.env.wasm.numThreads = 1;
  return onnxBackend({ runtime, executionProviders: ["wasm"] });
};`,
  "gpujs-webgl": `import { gpujsBackend } from "@comhe/gpujs";
export const make = () => gpujsBackend();`,
  "gpujs-cpu": `import { gpujsBackend } from "@comhe/gpujs";
export const make = () => gpujsBackend({ mode: "cpu" });`,
};
export type Name = keyof typeof backends;

export const policies = {
  none: undefined,
  "wasm-unsafe-eval alone": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  "and blob workers": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
  "unsafe-eval": "default-src 'self'; script-src 'self' 'unsafe-eval'",
  "nothing but its scripts": "default-src 'none'; script-src 'self'",
} as const;
export type Policy = keyof typeof policies;

export interface Outcome {
  readonly energy?: number;
  readonly again?: number;
  readonly error?: string;
  readonly name?: string;
  readonly build?: string;
  readonly threads?: number;
  /** Warnings of ours. */
  readonly said: string[];
}

/** The page's script: two evaluations, and what it is told meanwhile. */
const scriptOf = (name: Name) => `import { energyAndGradient } from "@comhe/core";
${backends[name]}
const said = [];
console.warn = (text) => said.push(String(text));
const data = Float32Array.from({ length: ${count * dim} }, (_, n) => Math.sin(n * n));
const evaluate = async (backend) => (await energyAndGradient(backend, ${JSON.stringify(config)}, { data, shape: [${count}, ${dim}] })).energy;
const run = async () => {
  const backend = await make();
  const energy = await evaluate(backend);
  const again = await evaluate(backend);
  return { energy, again, build: backend.build, threads: backend.threads, name: backend.name };
};
globalThis.outcome = await run().catch((error) => ({ error: \`\${error.name}: \${error.message}\` }));
outcome.said = said.filter((text) => text.includes("wasmBackend"));
`;

/** What packages fetch while they run. */
function assets(): [string, Uint8Array][] {
  const tfjs = dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
  const onnx = dirname(require.resolve("onnxruntime-web"));
  const files = [
    ...["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm-threaded-simd.wasm"].map((file) =>
      join(tfjs, "dist", file),
    ),
    ...["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map((file) => join(onnx, file)),
  ];
  return files.map((file) => [`/${file.split("/").at(-1)}`, readFileSync(file)]);
}

const data = Float32Array.from({ length: count * dim }, (_, n) => Math.sin(n * n));

export interface PolicyPages {
  /** What the reference backend gives. */
  readonly expected: number;
  outcomeOf(name: Name, policy: Policy): Promise<Outcome>;
  close(): Promise<void>;
}

/** Cross-origin isolated, so that there may be threads; but for TensorFlow.js' wasm backend. */
export async function openPolicyPages(names: readonly Name[]): Promise<PolicyPages> {
  const files = new Map<string, Uint8Array | string>(assets());
  for (const name of names) {
    const { outputFiles } = await build({
      stdin: { contents: scriptOf(name), resolveDir: join(import.meta.dirname, "..") },
      ...{ bundle: true, minify: true, format: "esm", platform: "browser", write: false, logLevel: "error" },
    });
    files.set(`/${name}.js`, outputFiles[0]!.contents);
    files.set(`/${name}.html`, `<!doctype html><script type="module" src="/${name}.js"></script>`);
  }
  const served = await serveFiles(files, ({ pathname, searchParams }) => {
    const policy = policies[searchParams.get("policy") as Policy];
    // Its threads, in an isolated page, are TensorFlow.js' own, and wait forever where their blob scripts are forbidden.
    const isolation = pathname.startsWith("/tfjs-wasm") ? {} : isolationHeaders;
    return { ...isolation, ...(policy === undefined ? {} : { "Content-Security-Policy": policy }) };
  });
  const site = await openSite(served);
  const { energy: expected } = await energyAndGradient(referenceBackend(), config, { data, shape: [count, dim] });
  return { expected, outcomeOf: (name, policy) => outcomeIn(site, name, policy), close: () => site.close() };
}

async function outcomeIn(site: Site, name: Name, policy: Policy): Promise<Outcome> {
  const page = await site.open({ path: `${name}.html?policy=${encodeURIComponent(policy)}`, onError() {} });
  try {
    for (;;) {
      const outcome = await page.evaluate(() => (globalThis as unknown as { outcome?: Outcome }).outcome);
      if (outcome) return outcome;
      // Not by `waitForFunction`, which the policies would forbid.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await page.close();
  }
}
