/** Runs the nightly sets, all of them or those that are named, and goes on after one that fails. Exits 1 where one did. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { nightlySets } from "./nightly-sets.mjs";

const root = join(import.meta.dirname, "..");
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in nightlySets));
if (unknown.length > 0) {
  console.error(`No set is called ${unknown.join(", ")}: there are ${Object.keys(nightlySets).join(", ")}.`);
  process.exit(2);
}
const failed = [];
for (const name of names.length > 0 ? names : Object.keys(nightlySets)) {
  console.log(`\n== ${name}: ${nightlySets[name].why}`);
  for (const [command, ...args] of nightlySets[name].commands) {
    console.log(`\n> ${[command, ...args].join(" ")}`);
    if (spawnSync(command, args, { cwd: root, stdio: "inherit" }).status !== 0)
      failed.push([command, ...args].join(" "));
  }
}
console.log(failed.length > 0 ? `\nFailed:\n${failed.map((each) => `  ${each}`).join("\n")}` : "\nAll passed.");
process.exit(failed.length > 0 ? 1 : 0);
