/**
 * Other versions of Node, in a cache folder outside the repository. The npm package `node` is a choice by platform among
 * packages that hold one executable each; that package is installed by its name, so that no install script runs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const cache =
  process.env.COMHE_NODE_VERSIONS_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "comhe", "node-versions");

/** The oldest that is supported, and the newest of each later line with long-term support. */
export const versions = ["20.19.0", "22", "24"];

/** @returns the folder to put first in PATH; `node` is in there */
export function fetchNode(version) {
  const platform = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  return fetchFile(version, `${platform}@${version}`, join(platform, "bin"));
}

/** Other runtimes, each one executable of a package for Linux on x64. */
const others = {
  bun: ["@oven/bun-linux-x64@1.4.5", "@oven/bun-linux-x64/bin/bun"],
  deno: ["@deno/linux-x64-glibc@2.9.6", "@deno/linux-x64-glibc/deno"],
};

/** @returns the executable of `bun` or `deno`; `undefined` on another platform */
export function fetchRuntime(name) {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const [specifier, path] = others[name];
  return fetchFile(name, specifier, path);
}

/** Installs one package in a folder of the cache. @returns where `path` of its `node_modules` is */
function fetchFile(name, specifier, path) {
  const folder = join(cache, name);
  const file = join(folder, "node_modules", path);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", specifier];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0 || !existsSync(file)) throw new Error(`npm ${args.join(" ")} failed in ${folder}:\n${stderr}`);
  return file;
}
