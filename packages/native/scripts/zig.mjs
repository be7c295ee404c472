// Zig's C compiler, which compiles for every platform on any of them: PyPI's wheel of one version, in a cache folder.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const version = "0.17.1";

/** The program's path; it is installed if it isn't there yet. */
export function zig() {
  const cache = process.env.COMHE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "comhe");
  const folder = join(cache, `ziglang-${version}`);
  const program = join(folder, "ziglang", process.platform === "win32" ? "zig.exe" : "zig");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const python = process.env.PYTHON ?? "python3";
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, `ziglang==${version}`];
  const { status, error } = spawnSync(python, pip, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0)
    throw new Error(`native: ${python} could not install ziglang ${version}: ${error?.message ?? status}`);
  return program;
}
