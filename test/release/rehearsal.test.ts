/**
 * A release, rehearsed by the commands of the release's workflow: versions, changelogs and the lock file; everything published to
 * a registry of our own on loopback; then one package on its own, and an installation that takes both from there. In a copy of
 * the repository, so that nothing here changes.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packagesOfRepository, root } from "../packages/tarballs.js";
import { fetchNode, fetchRuntime, versions } from "../runtimes/node-versions/nodes.mjs";

const folder = mkdtempSync(join(tmpdir(), "comhe-release-"));
const copy = join(folder, "repository");
let registry = "";
let server: ChildProcess | undefined;

function run(cwd: string, command: string, ...args: string[]): string {
  const npmrc = join(folder, "npmrc");
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  // What a workflow says of itself.
  const workflow = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "someone/rehearsal" };
  // Of the native binaries this machine's own: the others are compiled by what a rehearsal would have to fetch.
  const platforms = { COMHE_RELEASE_PLATFORMS: "host" };
  const env = {
    ...inherited,
    ...workflow,
    ...platforms,
    npm_config_userconfig: npmrc,
    npm_config_registry: registry,
    CI: "true",
  };
  try {
    return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...args].join(" ")} failed:\n${stdout}\n${stderr}`);
  }
}

const release = (step: "version" | "publish") => run(copy, "npm", "run", "--silent", `release:${step}`);
const git = (...args: string[]) => run(copy, "git", ...args);
const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(copy, "packages", name, "package.json"), "utf8")).version;
/** What the registry offers; `[]` before the first release. */
function published(name: string): string[] {
  try {
    const versions = JSON.parse(run(folder, "npm", "view", `@comhe/${name}`, "versions", "--json"));
    return [versions].flat();
  } catch (error) {
    if ((error as Error).message.includes("E404")) return [];
    throw error;
  }
}

/** Where a package lies that one in `folder` needs: beside it, where versions differ, or further up. */
function resolved(name: string, folder: string): string {
  const there = join(folder, "node_modules", name);
  if (existsSync(join(there, "package.json"))) return realpathSync(there);
  if (folder === dirname(folder)) throw new Error(`${name} isn't installed`);
  return resolved(name, dirname(folder));
}

/** Folders of what others have published and this package needs, directly or not. */
function dependenciesOf(name: string, from = root, found = new Set<string>()): ReadonlySet<string> {
  const folder = resolved(name, from);
  if (found.has(folder)) return found;
  if (!name.startsWith("@comhe/")) found.add(folder);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const each of Object.keys(manifest.dependencies ?? {})) dependenciesOf(each, folder, found);
  return found;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** It has what is published here and asks no other registry. */
async function startRegistry(): Promise<void> {
  const port = await freePort();
  const open = { access: "$all", publish: "$all", unpublish: "$all" };
  const config = {
    storage: join(folder, "storage"),
    packages: { "**": open },
    log: { type: "stdout", level: "warn" },
  };
  // JSON is YAML.
  writeFileSync(join(folder, "verdaccio.yaml"), JSON.stringify(config));
  registry = `http://127.0.0.1:${port}/`;
  writeFileSync(join(folder, "npmrc"), `//127.0.0.1:${port}/:_authToken=rehearsal\n`);
  const bin = join(root, "node_modules", "verdaccio", "bin", "verdaccio");
  const listen = ["--config", join(folder, "verdaccio.yaml"), "--listen", `127.0.0.1:${port}`];
  server = spawn(process.execPath, [bin, ...listen], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  server.stdout!.on("data", (text) => (printed += text));
  server.stderr!.on("data", (text) => (printed += text));
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error(`the registry ended:\n${printed}`);
    const alive = await fetch(`${registry}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (alive) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the registry didn't start:\n${printed}`);
}

/** With `COMHE_RUNTIMES=1`, what was installed runs on other Nodes, Bun and Deno, too: some 500 MB that are fetched once. */
function otherRuntimes(): readonly (readonly [name: string, command: string, ...args: string[]])[] {
  if (process.env.COMHE_RUNTIMES !== "1") {
    console.info("on this Node alone: COMHE_RUNTIMES=1 fetches other Nodes, Bun and Deno");
    return [];
  }
  const nodes = versions.map((version) => [`Node ${version}`, join(fetchNode(version), "node")] as const);
  const [bun, deno] = [fetchRuntime("bun"), fetchRuntime("deno")];
  return [
    ...nodes,
    ...(bun ? ([["Bun", bun, "run"]] as const) : []),
    ...(deno ? ([["Deno", deno, "run", "--allow-all", "--node-modules-dir=manual"]] as const) : []),
  ];
}

beforeAll(async () => {
  await startRegistry();
  execFileSync("git", ["clone", "--quiet", root, copy]);
  // Built as here; publishing doesn't build.
  for (const name of packagesOfRepository()) {
    cpSync(join(root, "packages", name, "dist"), join(copy, "packages", name, "dist"), { recursive: true });
  }
  cpSync(join(root, "packages/native/build/host"), join(copy, "packages/native/build/host"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  git("config", "user.name", "rehearsal");
  git("config", "user.email", "rehearsal@localhost");
  git("checkout", "--quiet", "-B", "main");
}, 120_000);

afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("a release gives every package a version, a changelog and a place in the registry", () => {
  // Where no changeset waits, the versions stand as they were committed, and this changes nothing.
  release("version");
  expect(readdirSync(join(copy, ".changeset")).filter((file) => file.endsWith(".md"))).toEqual([]);
  // As the pull request that the workflow opens, on which the next `npm ci` runs.
  run(copy, "npm", "ci", "--dry-run", "--ignore-scripts", "--no-audit");
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", "Release");
  const lock = JSON.parse(readFileSync(join(copy, "package-lock.json"), "utf8"));
  for (const name of packagesOfRepository()) {
    const version = versionOf(name);
    expect(version, name).not.toBe("0.0.0");
    expect(lock.packages[`packages/${name}`].version, name).toBe(version);
    expect(readFileSync(join(copy, "packages", name, "CHANGELOG.md"), "utf8")).toContain(`## ${version}`);
  }
  release("publish");
  for (const name of packagesOfRepository()) expect(published(name), name).toEqual([versionOf(name)]);
  // Provenance is refused without.
  const repository = JSON.parse(run(folder, "npm", "view", "@comhe/wasm", "repository", "--json"));
  expect(repository.url).toContain("github.com/someone/rehearsal");
  expect(repository.directory).toBe("packages/wasm");
  git("checkout", "--quiet", "packages");
}, 240_000);

test("a patch of one package publishes that package and no other", () => {
  const before = Object.fromEntries(packagesOfRepository().map((name) => [name, versionOf(name)]));
  mkdirSync(join(copy, ".changeset"), { recursive: true });
  writeFileSync(join(copy, ".changeset", "one-patch.md"), `---\n"@comhe/wasm": patch\n---\n\nRehearse a patch.\n`);
  release("version");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Release a patch");
  release("publish");
  expect(readFileSync(join(copy, "packages", "wasm", "CHANGELOG.md"), "utf8")).toContain("Rehearse a patch.");
  expect(published("wasm")).toEqual([before.wasm, versionOf("wasm")]);
  // The command line depends on it, and takes the patch as it is.
  for (const name of packagesOfRepository().filter((each) => each !== "wasm")) {
    expect(published(name), name).toEqual([before[name]]);
  }
}, 120_000);

test("a change of a published package needs a changeset", () => {
  const status = () => run(copy, "npx", "changeset", "status", "--since=main");
  git("checkout", "--quiet", "-b", "change");
  writeFileSync(join(copy, "packages", "wasm", "README.md"), "# Changed\n");
  git("commit", "--quiet", "--all", "--message", "Change a package");
  expect(status).toThrow(/no changesets were found/);
  writeFileSync(join(copy, ".changeset", "change.md"), `---\n"@comhe/wasm": patch\n---\n\nChange a package.\n`);
  git("add", "--all");
  git("commit", "--quiet", "--message", "Say so");
  expect(status()).toMatch(/patch/);
}, 60_000);

test("the bill of materials names every published package, and what they bring", () => {
  const { bomFormat, components } = JSON.parse(run(copy, "npm", "run", "--silent", "sbom"));
  expect(bomFormat).toBe("CycloneDX");
  const purls = (components as { purl: string }[]).map(({ purl }) => purl);
  for (const name of packagesOfRepository())
    expect(
      purls.some((purl) => purl.includes(`/${name}@`)),
      name,
    ).toBe(true);
  expect(purls.some((purl) => purl.startsWith("pkg:npm/valibot@"))).toBe(true);
  expect(purls.some((purl) => purl.includes("vitest"))).toBe(false);
});

test("the workflows run what is rehearsed here", () => {
  const workflow = (name: string) => readFileSync(join(root, ".github", "workflows", name), "utf8");
  expect(workflow("release.yml")).toMatch(/version: npm run release:version\n *publish: npm run release:publish\n/);
  expect(workflow("ci.yml")).toContain("run: npx changeset status --since=");
});

test("what was published installs and runs", () => {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, name: "project", version: "1.0.0" }));
  for (const dependency of dependenciesOf("@comhe/cli")) {
    // A tag is asked for where a dependency's version is a prerelease.
    const how = ["--ignore-scripts", "--tag", "latest", "--registry", registry];
    run(folder, "npm", "publish", dependency, ...how);
  }
  // The command brings readers, audit and jobs along.
  run(project, "npm", "install", "--no-audit", "--no-fund", "@comhe/core", "@comhe/wasm", "@comhe/cli");
  writeFileSync(
    join(project, "main.mjs"),
    `import { energyAndGradient } from "@comhe/core";
import { wasmBackend } from "@comhe/wasm";
const backend = await wasmBackend({ threads: 1 });
const { energy } = await energyAndGradient(backend, {}, { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] });
console.log(energy.toFixed(4));
await backend.dispose?.();`,
  );
  const audit = ["node_modules/@comhe/cli/dist/main.js", "audit", "--demo"];
  for (const [name, command, ...args] of [["this Node", process.execPath] as const, ...otherRuntimes()]) {
    expect(run(project, command, ...args, "main.mjs").trim(), name).toBe("0.5000");
    expect(run(project, command, ...args, ...audit), name).toContain("1 collapsed");
  }
  const installed = JSON.parse(readFileSync(join(project, "node_modules", "@comhe", "wasm", "package.json"), "utf8"));
  expect(installed.version).toBe(versionOf("wasm"));
}, 240_000);

const binary = join(root, "packages/native/build/host/comhe.node");
const nobody = existsSync(binary) ? "" : " (the build had no C compiler)";
test.skipIf(nobody !== "")(
  `the native package brings this machine's binary${nobody}`,
  () => {
    const project = join(folder, "native");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, name: "native", version: "1.0.0" }));
    run(project, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "@comhe/core", "@comhe/native");
    const installed = JSON.parse(readFileSync(join(project, "node_modules/@comhe/native/package.json"), "utf8"));
    const [[name, version] = ["", ""]] = Object.entries<string>(installed.optionalDependencies);
    expect(version).toBe(installed.version);
    const platform = JSON.parse(readFileSync(join(project, "node_modules", name, "package.json"), "utf8"));
    expect(platform).toMatchObject({ version, os: [process.platform], cpu: [process.arch], main: "comhe.node" });
    expect(platform.scripts).toBeUndefined();
    expect(platform.repository.directory).toBe("packages/native");
    writeFileSync(
      join(project, "main.mjs"),
      `import { energyAndGradient } from "@comhe/core";
import { instructionSets, nativeBackend } from "@comhe/native";
const backend = nativeBackend();
const { energy } = await energyAndGradient(backend, {}, { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] });
console.log(energy.toFixed(4), instructionSets().includes(backend.isa));
backend.dispose();`,
    );
    for (const [runtime, command, ...args] of [["this Node", process.execPath] as const, ...otherRuntimes()]) {
      expect(run(project, command, ...args, "main.mjs").trim(), runtime).toBe("0.5000 true");
    }
    // What a lock file of another platform leaves behind: the error says so, and what to use instead.
    rmSync(join(project, "node_modules", name), { recursive: true });
    expect(() => run(project, process.execPath, "main.mjs")).toThrow(`${name}: not installed`);
  },
  120_000,
);
