/**
 * The package's C program without JavaScript (`packages/native/test/harness.c`: every command at awkward sizes, on one thread and on several, which
 * must give the same bits, and hostile calls), compiled for another C library by Zig, and linked with it: for musl, where no Node is to be had
 * and Bun runs on x86-64 alone.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { allPlatforms } from "../../../packages/native/scripts/platforms.mjs";
import { headers, options, parts } from "../../../packages/native/scripts/sources.mjs";
import { zig } from "../../../packages/native/scripts/zig.mjs";

const native = join(import.meta.dirname, "../../../packages/native");

function compile(program, args) {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`zig ${args.join(" ")}\n${stderr}`);
}

/** @returns the program's path */
export function buildHarness(platform) {
  const { cpu, target } = allPlatforms.find(({ name }) => name === platform);
  const folder = join(native, "build/harness", platform);
  mkdirSync(folder, { recursive: true });
  const program = zig();
  const common = ["cc", "-target", target, ...options, "-fno-sanitize=all"];
  const sources = [...parts(cpu), { name: "harness", source: join(native, "test/harness.c"), flags: [] }];
  const objects = sources
    .filter(({ name }) => name !== "addon")
    .map(({ name, source, flags }) => {
      const object = join(folder, `${name}.o`);
      compile(program, [...common, ...flags, `-I${headers()}`, "-c", source, "-o", object]);
      return object;
    });
  const harness = join(folder, "harness");
  compile(program, ["cc", "-target", target, "-static", ...objects, "-lm", "-o", harness]);
  return harness;
}
