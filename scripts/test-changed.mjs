/**
 * A first green for whoever changes a package or two, and what the change does to the others after it. First what changed is linted, built,
 * typechecked and tested; then all that depends on it is built and typechecked. `npm test`, which tests that too, has the last word.
 *
 * `npm run test:changed -- [BASE]`: BASE is the commit to compare with, by default where this branch left `main`. What isn't committed counts, too.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const git = (...args) => {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};
const base = process.argv[2] ?? git("merge-base", "HEAD", "origin/main") ?? git("merge-base", "HEAD", "main");
if (base === undefined) {
  console.error(
    "There is neither origin/main nor main to compare with: name a commit, npm run test:changed -- COMMIT.",
  );
  process.exit(2);
}

const begun = performance.now();
const spent = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;

function pass(command, ...args) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const turbo = (tasks, filter) =>
  pass("npx", "turbo", "run", ...tasks, "--concurrency=2", "--output-logs=errors-only", `--filter=${filter}`);

pass("npx", "biome", "check", "--error-on-warnings", ".");
// turbo builds what the changed workspaces need, and remembers what it has built before.
turbo(["build", "typecheck", "test"], `[${base}]`);
console.log(
  `\nFirst green after ${spent()}: what changed passes. Now whatever depends on it is built and typechecked.`,
);
turbo(["build", "typecheck"], `...[${base}]`);
console.log(`\nAll green after ${spent()}. The tests of what depends on the change are run by npm test.`);
