/**
 * The tarballs in empty projects, one for each way in: core alone, and core with one adapter and the peers that it names. There
 * the READMEs' snippets run; every entry loads as ES module and as CommonJS; types hold under node16 and bundler
 * resolution, with the oldest, the repository's and the newest TypeScript; what a bundler for browsers makes of it runs in Chromium.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { energyAndGradient, referenceBackend } from "@comhe/core";
import { openSite, serveBuilt, skipReason } from "@comhe/page-kit";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { version as vitestVersion } from "vitest/package.json" with { type: "json" };
import { promisedOutput, snippetsOf } from "../support/readme-snippets.js";
import { Project } from "./project.js";
import { packAll, requiredEntries, root } from "./tarballs.js";

interface Way {
  readonly packages: readonly string[];
  /** From the registry. */
  readonly peers: readonly string[];
  /** Snippets of its README that need what isn't installed here. */
  readonly skip?: RegExp;
  /** In a page: what is imported beside core, and a backend of it. */
  readonly imports?: string;
  readonly backend: string;
  /** Of the energy in a page, relative. */
  readonly tolerance: number;
  /** In a page: files of its peers that they fetch. */
  readonly fetched?: readonly string[];
  /** The types of its peers don't pass by themselves. */
  readonly skipLibCheck?: boolean;
}

const tfjs = ["@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0"];

const ways: Readonly<Record<string, Way>> = {
  core: { packages: ["core"], peers: [], backend: "core.referenceBackend()", tolerance: 1e-6 },
  wasm: {
    packages: ["core", "wasm"],
    peers: [],
    imports: `import { wasmBackend } from "@comhe/wasm";`,
    backend: "wasmBackend()",
    tolerance: 1e-5,
  },
  tfjs: {
    packages: ["core", "tfjs"],
    peers: tfjs,
    imports: `import * as tf from "@tensorflow/tfjs"; import { tfjsBackend } from "@comhe/tfjs";`,
    backend: `tf.setBackend("cpu").then(() => tfjsBackend())`,
    tolerance: 1e-5,
    skipLibCheck: true,
  },
  onnx: {
    packages: ["core", "models", "onnx"],
    peers: ["onnxruntime-node@1.30.0", "onnxruntime-web@1.30.0"],
    skip: /@gutenye|model\.onnx/,
    imports: `import * as runtime from "onnxruntime-web/wasm"; import { onnxBackend } from "@comhe/onnx";`,
    backend: `onnxBackend({ runtime, executionProviders: ["wasm"] })`,
    fetched: ["mjs", "wasm"].map((kind) => `onnxruntime-web/dist/ort-wasm-simd-threaded.${kind}`),
    tolerance: 3e-5,
    skipLibCheck: true,
  },
  gpujs: {
    packages: ["core", "gpujs"],
    peers: ["gpu.js@2.24.1"],
    imports: `import { gpujsBackend } from "@comhe/gpujs";`,
    backend: "gpujsBackend()",
    tolerance: 1e-5,
    skipLibCheck: true,
  },
};

const packed = mkdtempSync(join(tmpdir(), "comhe-packed-"));
const tarballs = packAll(packed);
afterAll(() => rmSync(packed, { recursive: true, force: true }));
const tarball = (name: string) => tarballs.get(name)!.path;

/** Installed beside the package, under these names; the last one is the compiler written in Go. */
const compilers = { oldest: "5.4.5", repository: ts.version, newest: "7.0.2" };
const aliases = Object.entries(compilers).map(([name, version]) => `typescript-${name}@npm:typescript@${version}`);

/** Of an installation, with what npm has in its cache. */
const secondsAllowed = 30;
const installations: { readonly way: string; readonly seconds: string; readonly load: string }[] = [];
afterAll(() => console.table(installations));

/** @param seconds that an installation took. On a machine with more to do than it has cores they say nothing, and aren't held to the limit. */
function expectQuick(way: string, seconds: number): void {
  const load = loadavg()[0]!;
  installations.push({ way, seconds: seconds.toFixed(1), load: load.toFixed(1) });
  if (load < availableParallelism() + 1) expect(seconds).toBeLessThan(secondsAllowed);
  else console.info(`${way}: ${seconds.toFixed(1)} s, not held to ${secondsAllowed} s: the machine is busy`);
}

/** All that its exports map offers: `@comhe/core`, `@comhe/core/layouts` … */
function entriesOf(name: string): readonly string[] {
  const { manifest } = tarballs.get(name)!;
  const paths = Object.keys(manifest.exports as object).filter((path) => path !== "./package.json");
  return paths.map((path) => `@comhe/${name}${path.slice(1)}`);
}

const config = { space: "half", projection: { kind: "group", groups: 3 } } as const;
const weights = { data: Float32Array.from({ length: 40 * 12 }, (_, n) => Math.sin(n * n)), shape: [40, 12] } as const;

/** Puts the energy of these weights where the test finds it. */
function pageOf({ imports = "", backend }: Way): string {
  return `import * as core from "@comhe/core";
${imports}
const data = Float32Array.from({ length: 40 * 12 }, (_, n) => Math.sin(n * n));
const config = ${JSON.stringify(config)};
const { energy } = await core.energyAndGradient(await ${backend}, config, { data, shape: [40, 12] });
globalThis.energy = energy;
`;
}

/** `main.js` and `index.html` into `dist`, as each bundler's page tells beginners to. */
const bundlers: Readonly<Record<string, (project: Project, way: Way) => void>> = {
  vite(project) {
    const executable = join(root, "node_modules", "vite", "bin", "vite.js");
    project.run("node", [executable, "build", "--logLevel", "error", "--base", "./"]);
  },
  esbuild(project, { fetched = [] }) {
    const executable = join(root, "node_modules", "esbuild", "bin", "esbuild");
    const options = ["--bundle", "--minify", "--format=esm", "--outdir=dist", "--log-level=error"];
    project.run(executable, ["main.js", ...options]);
    project.copy("index.html", "dist/index.html");
    // It leaves what a package fetches where it was; the page needs it beside its script.
    for (const file of fetched) project.copy(join("node_modules", file), join("dist", basename(file)));
  },
  webpack(project) {
    project.install(["webpack@5.113.0"]);
    const options = { mode: "production", entry: "./main.js", output: { filename: "main.js" } };
    project.write(
      "bundle.cjs",
      `require("webpack")(${JSON.stringify(options)}, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString("errors-only"));
});`,
    );
    project.run("node", ["bundle.cjs"]);
    project.copy("index.html", "dist/index.html");
  },
};

if (skipReason) console.info(`packages in a page: skipped, ${skipReason}`);

describe.each(Object.entries(ways))("%s, installed on its own", (name, way) => {
  let project: Project | undefined;
  afterAll(() => project?.dispose());
  const installed = () => {
    project ??= new Project([...way.packages.map(tarball), ...way.peers]);
    return project;
  };
  let compilersInstalled = false;

  test(`installs in ${secondsAllowed} s from a warm cache`, () => {
    installed().dispose();
    project = undefined;
    expectQuick(name, installed().seconds);
  });

  test("loads as ES module and as CommonJS", () => {
    for (const entry of entriesOf(name)) {
      // The bundler's helpers, which its CommonJS output may export, begin with two underscores.
      const esm = installed().write("load.mjs", `import * as it from "${entry}"; console.log(Object.keys(it).length);`);
      const cjs = installed().write(
        "load.cjs",
        `console.log(Object.keys(require("${entry}")).filter((name) => !name.startsWith("__")).length);`,
      );
      expect(Number(installed().run("node", [esm])), entry).toBeGreaterThan(0);
      expect(installed().run("node", [cjs]), entry).toBe(installed().run("node", [esm]));
    }
  });

  const snippets = snippetsOf(`packages/${name}/README.md`).filter(({ code }) => !way.skip?.test(code));

  test("runs its README", () => {
    expect(snippets.length).toBeGreaterThan(0);
    for (const { name: where, code } of snippets) {
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const file = installed().write("snippet.mjs", ts.transpileModule(code, { compilerOptions }).outputText);
      const printed = installed().run("node", [file]).trim().split("\n");
      for (const promised of promisedOutput(code)) expect(printed, where).toContain(promised);
    }
  });

  test.each([
    ["node16", "node16"],
    ["esnext", "bundler"],
  ])("its types hold: module %s, resolution %s", (module, moduleResolution) => {
    const files = snippets.map(({ code }, n) => `snippet-${n}.mts\n${code}`);
    for (const file of files) {
      const [path, ...code] = file.split("\n");
      installed().write(path!, `${code.join("\n")}\nexport {};\n`);
    }
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: way.skipLibCheck ?? false,
      noEmit: true,
      types: ["node"],
    };
    installed().write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.mts"] }));
    if (!compilersInstalled) installed().install([...aliases, "@types/node@20.19.43"]);
    compilersInstalled = true;
    for (const compiler of Object.keys(compilers)) {
      const executable = join("node_modules", `typescript-${compiler}`, "bin", "tsc");
      expect(installed().run("node", [executable, "--version"])).toContain(
        compilers[compiler as keyof typeof compilers],
      );
      installed().run("node", [executable, "-p", "."]);
    }
  });

  test.skipIf(skipReason).each(Object.keys(bundlers))(
    "is bundled for browsers by %s, and runs there",
    async (bundler) => {
      rmSync(join(installed().folder, "dist"), { recursive: true, force: true });
      installed().write("index.html", `<script type="module" src="./main.js"></script>`);
      installed().write("main.js", pageOf(way));
      bundlers[bundler]!(installed(), way);
      const site = await openSite(await serveBuilt(pathToFileURL(`${installed().folder}/`)));
      try {
        const page = await site.open({ ready: "globalThis.energy !== undefined" });
        const { energy: expected } = await energyAndGradient(referenceBackend(), config, weights);
        const energy = await page.evaluate(() => (globalThis as unknown as { energy: number }).energy);
        expect(Math.abs(energy / expected - 1)).toBeLessThan(way.tolerance);
      } finally {
        await site.close();
      }
    },
  );
});

/** Everything, for what loads CommonJS or ES modules by itself. */
const everyPeer = [...new Set(Object.values(ways).flatMap(({ peers }) => peers))];
const published = [...tarballs.values()];

test("Jest, whose loader can't require ES modules, loads every CommonJS entry and computes", () => {
  const project = new Project([...published.map(({ path }) => path), ...everyPeer, "jest@30.5.2"]);
  try {
    const entries = published.flatMap(requiredEntries);
    expect(entries).toEqual(expect.arrayContaining(["@comhe/core", "@comhe/tfjs", "@comhe/onnx/weights"]));
    project.write(
      "load.test.js",
      `test.each(${JSON.stringify(entries)})("%s", (entry) => {
  expect(Object.keys(require(entry)).length).toBeGreaterThan(0);
});
test("an energy, shared by threads", async () => {
  const { energyAndGradient, referenceBackend } = require("@comhe/core");
  const weights = { data: Float32Array.from({ length: 700 * 64 }, (_, n) => Math.sin(n * n)), shape: [700, 64] };
  const backend = require("@comhe/wasm").wasmBackend({ threads: 2 });
  const config = { space: "half", projection: { kind: "pca", dimension: 20 } };
  const { energy } = await energyAndGradient(backend, config, weights);
  const { energy: expected } = await energyAndGradient(referenceBackend(), config, weights);
  backend.dispose();
  expect(Math.abs(energy / expected - 1)).toBeLessThan(1e-5);
});`,
    );
    expect(project.run("npx", ["jest", "--json"])).toContain(`"numPassedTests":${entries.length + 1},`);
  } finally {
    project.dispose();
  }
});

test("Bun and Deno run the energies", () => {
  const project = new Project([
    ...["core", "wasm", "models", "onnx", "tfjs"].map(tarball),
    ...everyPeer,
    "bun@1.4.5",
    "deno@2.9.6",
  ]);
  try {
    // Its install script, which none of a project's are: it puts the platform's binary, which npm installed, where it is looked for.
    project.run("node", [join("node_modules", "bun", "install.js")]);
    const script = project.write(
      "run.mjs",
      `${pageOf(ways.wasm!)}
import "@comhe/tfjs";
import "@comhe/onnx/weights";
console.log(energy);`,
    );
    const expected = Number(project.run("node", [script]));
    for (const runtime of [["bun"], ["deno", "run", "--allow-all"]] as const) {
      const [name, ...args] = runtime;
      const energy = Number(project.run(join("node_modules", ".bin", name), [...args, script]));
      expect(Math.abs(energy / expected - 1), name).toBeLessThan(1e-6);
    }
  } finally {
    project.dispose();
  }
});

test("the conformance suite runs from its tarball, without a test runner and with one", () => {
  const project = new Project(["core", "conformance"].map(tarball));
  try {
    const [snippet] = snippetsOf("packages/conformance/README.md").filter(({ code }) => code.includes("/checks"));
    const printed = project.run("node", [project.write("checks.mjs", snippet!.code)]);
    expect(printed).toContain(promisedOutput(snippet!.code)[0]);
    project.install([`vitest@${vitestVersion}`]);
    project.write(
      "reference.test.js",
      `import { testBackend } from "@comhe/conformance";
import { referenceBackend } from "@comhe/core";
testBackend({ name: "reference", create: referenceBackend, tolerance: { energy: 1e-12, gradient: 1e-10 } });`,
    );
    expect(project.run("npx", ["vitest", "run"])).toMatch(/Tests .*\d\d passed/);
  } finally {
    project.dispose();
  }
});

test("the command line runs from its tarball", () => {
  const project = new Project(["core", "models", "audit", "onnx", "wasm", "cli"].map(tarball));
  try {
    expect(project.run("npx", ["comhe", "--version"]).trim()).toBe(tarballs.get("cli")!.manifest.version);
    expect(JSON.parse(project.run("npx", ["comhe", "schema"]))).toHaveProperty("type");
    expectQuick("cli", project.seconds);
  } finally {
    project.dispose();
  }
});
