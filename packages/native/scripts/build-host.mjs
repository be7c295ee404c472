// Compiles the binary for this machine with whatever C compiler it has (`CC`, else cc, gcc, clang), into build/host. Without one it says so, and
// the build goes on: the package then has no binary here, and its tests skip by name.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { headers, options, parts } from "./sources.mjs";

const root = join(import.meta.dirname, "..");
const folder = join(root, "build/host");
const binary = join(folder, "comhe.node");

function run(compiler, args) {
  return spawnSync(compiler, args, { encoding: "utf8" });
}

function leave(why) {
  rmSync(binary, { force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "why-not.txt"), `${why}\n`);
  console.log(`native: ${why}: @comhe/native has no binary here, and its tests are skipped`);
  process.exit(0);
}

if (process.platform === "win32") leave("the host build is for Linux and macOS");
if (process.arch !== "x64" && process.arch !== "arm64") leave(`no kernels for ${process.arch}`);
const candidates = process.env.CC ? [process.env.CC] : ["cc", "gcc", "clang"];
const compiler = candidates.find((name) => run(name, ["--version"]).status === 0);
if (!compiler) leave(`no C compiler (tried ${candidates.join(", ")})`);

mkdirSync(folder, { recursive: true });
rmSync(join(folder, "why-not.txt"), { force: true });
const objects = parts(process.arch).map(({ name, source, flags }) => {
  const object = join(folder, `${name}.o`);
  const { status, stderr } = run(compiler, [
    ...options,
    "-fPIC",
    ...flags,
    `-I${headers()}`,
    "-c",
    source,
    "-o",
    object,
  ]);
  if (stderr) console.error(stderr);
  // A compiler is there, and these sources are the package's own: a failure is a fault.
  if (status !== 0) throw new Error(`native: ${compiler} failed on ${source}`);
  return object;
});
const shared =
  process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared", "-pthread", "-Wl,-s"];
const linked = run(compiler, [...shared, ...objects, "-lm", "-o", binary]);
if (linked.status !== 0) throw new Error(`native: linking failed\n${linked.stderr}`);
