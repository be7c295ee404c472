/**
 * The tarballs in empty projects, one for each way in: core alone, and core with one adapter and the peers that it names. There
 * the READMEs' snippets run; every entry loads as ES module and as CommonJS; types hold under node16 and bundler
 * resolution, with the oldest, the repository's and the newest TypeScript; a bundler for browsers takes it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { promisedOutput, snippetsOf } from "../support/readme-snippets.js";
import { Project } from "./project.js";
import { packAll, root } from "./tarballs.js";

interface Way {
  readonly packages: readonly string[];
  /** From the registry. */
  readonly peers: readonly string[];
  readonly entries: readonly string[];
  /** Snippets of its README that need what isn't installed here. */
  readonly skip?: RegExp;
  readonly browser?: string;
}

const tfjs = ["@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0"];

const ways: Readonly<Record<string, Way>> = {
  core: {
    packages: ["core"],
    peers: [],
    entries: ["@comhe/core", "@comhe/core/tensor-backend", "@comhe/core/host-functions"],
    browser: `import { referenceBackend } from "@comhe/core"; console.log(referenceBackend().name);`,
  },
  wasm: {
    packages: ["core", "wasm"],
    peers: [],
    entries: ["@comhe/wasm"],
    browser: `import { wasmBackend } from "@comhe/wasm"; wasmBackend().then((backend) => console.log(backend.name));`,
  },
  tfjs: { packages: ["core", "tfjs"], peers: tfjs, entries: ["@comhe/tfjs", "@comhe/tfjs/wasm-training"] },
  onnx: {
    packages: ["core", "onnx"],
    peers: ["onnxruntime-node@1.30.0"],
    entries: ["@comhe/onnx"],
    skip: /onnxruntime-web|@gutenye|model\.onnx/,
    browser: `import { onnxBackend } from "@comhe/onnx"; console.log(onnxBackend);`,
  },
  gpujs: { packages: ["core", "gpujs"], peers: ["gpu.js@2.24.1"], entries: ["@comhe/gpujs"] },
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
    for (const entry of way.entries) {
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
      // The types of tfjs and of gpu.js don't pass by themselves.
      skipLibCheck: name === "tfjs" || name === "gpujs" || name === "onnx",
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

  test.runIf(way.browser)("is bundled for browsers", () => {
    installed().write("index.html", `<script type="module" src="./main.js"></script>`);
    installed().write("main.js", way.browser!);
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    installed().run("node", [vite, "build", "--logLevel", "error"]);
  });
});

test("the command line runs from its tarball", () => {
  const project = new Project(["core", "onnx", "wasm", "cli"].map(tarball));
  try {
    expect(project.run("npx", ["comhe", "--version"]).trim()).toBe(tarballs.get("cli")!.manifest.version);
    expect(JSON.parse(project.run("npx", ["comhe", "schema"]))).toHaveProperty("type");
    expectQuick("cli", project.seconds);
  } finally {
    project.dispose();
  }
});
