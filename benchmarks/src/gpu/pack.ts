/**
 * Packs a folder that runs `bench:gpu` without a network: Node itself, Dawn, ONNX Runtime's library with its provider webgpu, Vulkan's loader, and
 * the run with every package it takes in one file. For the platform that packs.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

/** What such an archive may take. */
const mostBytes = 60e6;
const require = createRequire(import.meta.url);
/** A package may hide its own `package.json`, so that it is looked for where Node would. */
const packageOf = (name: string) =>
  (require.resolve.paths(name) ?? []).map((place) => join(place, name)).find((folder) => existsSync(folder))!;

/** Where Linux keeps Vulkan's loader, which containers with a GPU often lack. */
const loaders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];

export async function pack(archive: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "comhe-gpu-"));
  const folder = join(root, "comhe-gpu");
  mkdirSync(join(folder, "lib"), { recursive: true });
  try {
    bundle(folder);
    cpSync(process.execPath, join(folder, "node"));
    chmodSync(join(folder, "node"), 0o755);
    const platform = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
    copyPackage(folder, "webgpu", (path) => !path.startsWith("dist/") || path.startsWith(`dist/${platform}`));
    copyPackage(folder, "onnxruntime-node", (path) => {
      const own = `bin/napi-v6/${process.platform}/${process.arch}`;
      return path.startsWith("dist") || path === "package.json" || path.startsWith(own);
    });
    copyPackage(folder, "onnxruntime-common", (path) => path === "package.json" || path.startsWith("dist/cjs"));
    for (const place of loaders) {
      const loader = join(place, "libvulkan.so.1");
      if (!existsSync(loader) || existsSync(join(folder, "lib/libvulkan.so.1"))) continue;
      cpSync(loader, join(folder, "lib/libvulkan.so.1"), { dereference: true });
    }
    writeFileSync(join(folder, "run.sh"), starter);
    chmodSync(join(folder, "run.sh"), 0o755);
    writeFileSync(join(folder, "README.md"), readme);
    run("tar", ["-cJf", resolve(archive), "-C", root, "comhe-gpu"], { XZ_OPT: "-6 -T0" });
    const { size } = statSync(archive);
    console.log(`${archive}: ${(size / 1e6).toFixed(1)} MB`);
    for (const name of readdirSync(folder)) console.log(`  ${name}`);
    if (size > mostBytes) throw new Error(`${archive} takes ${size} bytes; it may take ${mostBytes}.`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The run and all that it imports, but for what is native. */
function bundle(folder: string): void {
  const benchmarks = join(import.meta.dirname, "..");
  run("npx", ["tsdown", "--config", "tsdown.gpu.config.ts", "--out-dir", join(folder, "run")], {}, benchmarks);
}

function copyPackage(folder: string, name: string, keeps: (path: string) => boolean): void {
  const from = packageOf(name);
  cpSync(from, join(folder, "node_modules", name), {
    recursive: true,
    dereference: true,
    filter: (source) => {
      const path = source.slice(from.length + 1);
      if (basename(source) === "node_modules" || /\.(map|ts|md)$/.test(source)) return false;
      return path === "" || statSync(source).isDirectory() || keeps(path);
    },
  });
}

function run(command: string, args: readonly string[], env: Record<string, string>, cwd?: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    cwd,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
}

const starter = `#!/bin/sh
# Runs the measurement on this machine's GPU; options as "./run.sh --help" says. Writes gpu-results.json here.
cd "$(dirname "$0")" || exit 1
LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$PWD/lib"
export LD_LIBRARY_PATH
export XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-\${TMPDIR:-/tmp}}"
exec ./node run/main.js "$@"
`;

const readme = `# CoMHE on your GPU

\`./run.sh\` runs the conformance suite of \`@comhe/webgpu\`, measures the GPU's peak of multiply-adds, and then the energy with its gradient at
1024×512 to 65,536×1024: our kernels, gpu.js, ONNX Runtime and TensorFlow.js on the same adapter. It asks no network, and writes
\`gpu-results.json\`. \`./run.sh --help\` lists its options; the driver's Vulkan must be installed.
`;
