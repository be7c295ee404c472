// Compiles the binary for every platform, each on this machine by Zig's C compiler, and makes a package of each: build/platforms/<name>, with `os`,
// `cpu` and `libc`, so that npm installs the one that fits, and without a script. Names of platforms may be given; else all are built.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportsModule, formatOf } from "./binary-format.mjs";
import { writePackage } from "./platform-package.mjs";
import { allPlatforms } from "./platforms.mjs";
import { headers, options, parts } from "./sources.mjs";
import { zig } from "./zig.mjs";

const root = join(import.meta.dirname, "..");
/** What each binary must stay below. */
const largestBytes = 400_000;

const program = zig();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !allPlatforms.some((platform) => platform.name === name));
if (unknown.length > 0)
  throw new Error(
    `native: no platform ${unknown.join(", ")}; there are ${allPlatforms.map(({ name }) => name).join(", ")}`,
  );
const chosen = allPlatforms.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

function run(args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`zig ${args.join(" ")}\n${error?.message ?? stderr}`);
  if (stderr) console.error(stderr);
}

/** What Windows links against in place of the program that loads the binary: the names of Node's functions. */
function importLibrary(cpu, folder) {
  const definitions = join(headers(), "../def");
  const names = ["js_native_api", "node_api"].flatMap((name) =>
    readFileSync(join(definitions, `${name}.def`), "utf8")
      .split(/\r?\n/)
      .filter((line) => line.startsWith("napi_") || line.startsWith("node_api_")),
  );
  const definition = join(folder, "node.def");
  writeFileSync(definition, `NAME NODE.EXE\nEXPORTS\n${[...new Set(names)].join("\n")}\n`);
  const library = join(folder, "node.lib");
  run(["dlltool", "-m", cpu === "x64" ? "i386:x86-64" : "arm64", "-d", definition, "-l", library]);
  return library;
}

/**
 * Windows has no C library of its own to link with: what Zig adds of one takes as much room as an instruction set's kernels, so that the rest is
 * kept small. The kernels for processors without AVX, which run in few places there, most of all.
 */
function sizeOptions({ os }, part) {
  if (os !== "win32") return [];
  const small = ["-fno-unroll-loops", "-ffunction-sections", "-fdata-sections"];
  return part === "kernels-sse2" ? [...small, "-Os"] : small;
}

function linkOptions({ os, cpu }, folder) {
  if (os === "darwin") return ["-shared", "-undefined", "dynamic_lookup", "-Wl,-s"];
  if (os === "win32") return ["-shared", importLibrary(cpu, folder), "-Wl,-s", "-Wl,--gc-sections", "-Os"];
  return ["-shared", "-pthread", "-lm", "-Wl,-s"];
}

for (const platform of chosen) {
  const { name, os, cpu, target } = platform;
  const folder = join(root, "build/platforms", name);
  const objects = join(root, "build/objects", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  mkdirSync(objects, { recursive: true });
  const position = os === "win32" ? [] : ["-fPIC"];
  const compiled = parts(cpu).map(({ name: part, source, flags }) => {
    const object = join(objects, `${part}.o`);
    // Zig's own checks of undefined behaviour, and its C library's sanitizer, are for debugging.
    run([
      "cc",
      "-target",
      target,
      ...options,
      "-fno-sanitize=all",
      ...position,
      ...flags,
      ...sizeOptions(platform, part),
      `-I${headers()}`,
      "-c",
      source,
      "-o",
      object,
    ]);
    return object;
  });
  const binary = join(folder, "comhe.node");
  run(["cc", "-target", target, ...compiled, ...linkOptions(platform, objects), "-o", binary]);
  // What a linker for Windows leaves beside it.
  for (const other of ["comhe.pdb", "comhe.lib"]) if (existsSync(join(folder, other))) rmSync(join(folder, other));
  const bytes = readFileSync(binary);
  const format = formatOf(bytes);
  if (format.os !== os || format.cpu !== cpu)
    throw new Error(`native: ${name} became a binary for ${format.os} ${format.cpu}`);
  if (!exportsModule(bytes)) throw new Error(`native: ${name} exports no module`);
  if (bytes.length > largestBytes)
    throw new Error(`native: ${name} takes ${bytes.length} bytes, more than ${largestBytes}`);
  writePackage(platform, folder);
  console.log(`${name}: ${statSync(binary).size} bytes`);
}
