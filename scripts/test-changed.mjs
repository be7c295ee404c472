/**
 * A first green for whoever changes a package or two: lints everything, builds and typechecks what changed with all that
 * depends on it, and tests only what changed. Minutes where `npm test` takes a quarter of an hour, which still has the last word.
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

const logs = "--output-logs=errors-only";
const steps = [
  ["npx", "biome", "check", "--error-on-warnings", "."],
  // `...[base]`: what changed, and whatever depends on it; turbo remembers what it has built before.
  ["npx", "turbo", "run", "build", "typecheck", logs, `--filter=...[${base}]`],
  ["npx", "turbo", "run", "test", "--concurrency=2", `--filter=[${base}]`],
];
const begun = performance.now();
for (const [command, ...args] of steps) {
  console.log(`\n> ${[command, ...args].join(" ")}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
console.log(
  `\nGreen after ${((performance.now() - begun) / 1000).toFixed(0)} s. What depends on the change is tested by npm test.`,
);
