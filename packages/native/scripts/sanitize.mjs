// Runs the commands under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer: `npm run sanitize`. A C program calls
// them as JavaScript would (test/harness.c), so that nothing but our own code is under test. Opt-in: it needs a compiler with sanitizers.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { headers, options, parts } from "./sources.mjs";

const root = join(import.meta.dirname, "..");
const compiler = process.env.CC ?? "cc";
const calls = process.argv[2] ?? "20000";

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

// Vectors of the kernels are loaded where floats may lie, by types that say so; nothing else is left out.
const sanitizers = {
  address: ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-fsanitize=thread"],
};
for (const [name, flags] of Object.entries(sanitizers)) {
  const folder = join(root, "build", name);
  mkdirSync(folder, { recursive: true });
  const sources = [...parts(process.arch), { name: "harness", source: join(root, "test/harness.c"), flags: [] }];
  const objects = sources
    .filter(({ name }) => name !== "addon")
    .map(({ name, source, flags: own }) => {
      const object = join(folder, `${name}.o`);
      run(compiler, [...options, "-O1", "-g", ...flags, ...own, `-I${headers()}`, "-c", source, "-o", object]);
      return object;
    });
  const program = join(folder, "harness");
  run(compiler, [...flags, "-pthread", ...objects, "-lm", "-o", program]);
  console.log(`under the ${name} sanitizer:`);
  // Where there is no memory, calloc says so, as it does without a sanitizer: hostile calls ask for statistics of 2^31 rows.
  const env = { ASAN_OPTIONS: "allocator_may_return_null=1", TSAN_OPTIONS: "allocator_may_return_null=1" };
  run(program, [name === "thread" ? String(Math.ceil(Number(calls) / 10)) : calls], env);
}
