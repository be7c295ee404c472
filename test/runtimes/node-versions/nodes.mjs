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
  const folder = join(cache, version);
  const platform = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const bin = join(folder, "node_modules", platform, "bin");
  if (existsSync(bin)) return bin;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `${platform}@${version}`];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0 || !existsSync(bin)) throw new Error(`npm ${args.join(" ")} failed in ${folder}:\n${stderr}`);
  return bin;
}
