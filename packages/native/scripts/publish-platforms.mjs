// Publishes the platforms' packages, and then writes their exact versions into this package's `optionalDependencies`: so that whoever gets this
// package finds every binary that it names. Where the registry has this package's version already, there is nothing to do.
//
// `COMHE_RELEASE_PLATFORMS=host` publishes the binary of this machine alone, as the build made it: for the rehearsal of a release.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownManifest, writePackage } from "./platform-package.mjs";
import { allPlatforms } from "./platforms.mjs";

const root = join(import.meta.dirname, "..");
const manifest = ownManifest();

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  return { isDone: status === 0, stdout: stdout ?? "", why: error?.message ?? stderr ?? "" };
}
const isPublished = (name) =>
  run("npm", ["view", `${name}@${manifest.version}`, "version"]).stdout.trim() === manifest.version;

/** Whether this machine's C library is glibc; Node's own report says so. */
const isGlibc = () => Boolean(process.report.getReport().header.glibcVersionRuntime);
const isHost = ({ os, cpu, libc }) =>
  os === process.platform && cpu === process.arch && (!libc || (libc === "glibc") === isGlibc());

if (isPublished(manifest.name)) process.exit(0);

let chosen = allPlatforms;
if (process.env.COMHE_RELEASE_PLATFORMS === "host") {
  const binary = join(root, "build/host/comhe.node");
  chosen = existsSync(binary) ? allPlatforms.filter(isHost) : [];
  for (const platform of chosen) {
    const folder = join(root, "build/platforms", platform.name);
    mkdirSync(folder, { recursive: true });
    copyFileSync(binary, join(folder, "comhe.node"));
    writePackage(platform, folder);
  }
} else {
  const built = run("npm", ["run", "build:platforms"], { stdio: ["ignore", 2, 2] });
  if (!built.isDone) throw new Error(`native: the platforms could not be built: ${built.why}`);
}

const path = join(root, "package.json");
for (const { name } of chosen) {
  const own = `${manifest.name}-${name}`;
  // Of an earlier attempt that ended halfway.
  if (isPublished(own)) continue;
  const published = run("npm", ["publish", "--access", "public"], { cwd: join(root, "build/platforms", name) });
  if (!published.isDone) throw new Error(`native: ${own} could not be published: ${published.why}`);
  console.error(`published ${own}@${manifest.version}`);
}
const whole = JSON.parse(readFileSync(path, "utf8"));
whole.optionalDependencies = Object.fromEntries(
  chosen.map(({ name }) => [`${manifest.name}-${name}`, manifest.version]),
);
writeFileSync(path, `${JSON.stringify(whole, null, 2)}\n`);
