/**
 * `@tensorflow/tfjs-node` with its addon built here. Its own install script downloads libtensorflow and fails on a closed
 * network; the wheels of `tensorflow-cpu` carry the same C library with its headers, and node-gyp builds the addon against
 * them. Everything lands in a cache folder outside the repository, and a finished step isn't taken again.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const tfjsVersion = "4.22.0";
const wheel = "tensorflow-cpu==2.21.0";

export const cache =
  process.env.COMHE_TFJS_NODE_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "comhe", `tfjs-node-${tfjsVersion}`);

const addonFolder = join(cache, "node_modules", "@tensorflow", "tfjs-node");

function run(command, args, cwd = cache) {
  console.info(`> ${[command, ...args].join(" ")}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status === 0) return;
  throw new Error(`${command} failed (${error?.message ?? `exit code ${status}`}); the cache folder is ${cache}`);
}

function step(done, what, work) {
  if (existsSync(done)) return console.info(`${what}: there already`);
  console.info(`${what} …`);
  work();
}

/** tfjs-node without its install script. */
function installPackage() {
  writeFileSync(join(cache, "package.json"), JSON.stringify({ private: true }));
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `@tensorflow/tfjs-node@${tfjsVersion}`]);
}

/** libtensorflow and its headers, out of the wheel. */
function fetchLibrary(library) {
  const downloads = join(cache, "wheel");
  const python = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", downloads, wheel];
  run("python3", python);
  const [file] = readdirSync(downloads).filter((name) => name.endsWith(".whl"));
  const unpacked = join(cache, "unpacked");
  // The wheel is a zip file; Python reads it where there is no unzip.
  run("python3", ["-m", "zipfile", "-e", join(downloads, file), unpacked]);
  renameSync(join(unpacked, "tensorflow"), library);
  rmSync(unpacked, { recursive: true });
  rmSync(downloads, { recursive: true });
}

/** Lays the library where the addon looks for it, and compiles. */
function buildAddon(library) {
  const headers = nodeHeaders();
  const dependencies = join(addonFolder, "deps");
  rmSync(dependencies, { recursive: true, force: true });
  mkdirSync(join(dependencies, "lib"), { recursive: true });
  symlinkSync(join(library, "include"), join(dependencies, "include"));
  for (const [from, to] of [
    ["libtensorflow_cc.so.2", "libtensorflow.so"],
    ["libtensorflow_cc.so.2", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so.2"],
  ]) {
    symlinkSync(join(library, from), join(dependencies, "lib", to));
  }
  const npmRoot = spawnSync("npm", ["root", "--global"], { encoding: "utf8" }).stdout.trim();
  const gyp = join(npmRoot, "npm", "node_modules", "node-gyp", "bin", "node-gyp.js");
  const variables = {
    module_name: "tfjs_binding",
    module_path: join(addonFolder, "lib", "napi-v8"),
    napi_version: "8",
    napi_build_version: "8",
  };
  const defines = Object.entries(variables).map(([name, value]) => `--${name}=${value}`);
  run(process.execPath, [gyp, "rebuild", `--nodedir=${headers}`, ...defines], addonFolder);
}

/** Where Node's own headers lie; without them node-gyp would download them. */
function nodeHeaders() {
  const folder = dirname(dirname(process.execPath));
  if (existsSync(join(folder, "include", "node", "node_api.h"))) return folder;
  throw new Error(`Expected Node's headers in ${join(folder, "include", "node")}: install Node from its own archive.`);
}

/** @returns the folder of the working package */
export function setUp() {
  if (process.platform !== "linux")
    throw new Error("This set-up is for Linux: elsewhere npm install @tensorflow/tfjs-node.");
  mkdirSync(cache, { recursive: true });
  const library = join(cache, "tensorflow");
  step(join(addonFolder, "package.json"), "@tensorflow/tfjs-node from the registry", installPackage);
  step(library, "libtensorflow from the wheel", () => fetchLibrary(library));
  step(join(addonFolder, "lib", "napi-v8", "tfjs_binding.node"), "the addon", () => buildAddon(library));
  return addonFolder;
}
