// Compiles the kernels twice, with baseline and with relaxed SIMD, and writes them as base64 into a module, so that the
// package works in Node, in browsers and through bundlers without fetching anything.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const root = join(import.meta.dirname, "..");
/** What each build must stay below. */
const largestBytes = 64 * 1024;

const flags = [
  ...["--runtime", "stub", "-O3", "--converge", "--noAssert"],
  ...["--importMemory", "--initialMemory", "2", "--maximumMemory", "65536", "--memoryBase", "4096"],
  // Functions of one module that hand vectors to another look like exports to this warning.
  ...["--disableWarning", "112"],
];

async function compile(features) {
  const output = new Map();
  const { error, stderr } = await asc.main(
    [
      "index.ts",
      "--baseDir",
      join(root, "assembly"),
      ...flags,
      "--enable",
      ["simd", "threads", "bulk-memory", ...features].join(","),
      "--outFile",
      "kernels.wasm",
    ],
    { writeFile: (name, contents) => void output.set(name, contents) },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const bytes = output.get("kernels.wasm");
  if (bytes.length > largestBytes) throw new Error(`kernels: ${bytes.length} bytes, more than ${largestBytes}`);
  return bytes;
}

/** Where the module says whether the memory it imports is shared; the loader sets it to what the threads need. */
function memoryFlagAt(bytes) {
  const name = Buffer.from("\x03env\x06memory\x02", "latin1");
  const found = Buffer.from(bytes).indexOf(name);
  if (found < 0) throw new Error("kernels: no import of a memory");
  return found + name.length;
}

const [baseline, relaxed] = await Promise.all([compile([]), compile(["relaxed-simd"])]);
const build = (bytes) =>
  `{\n  base64:\n    "${Buffer.from(bytes).toString("base64")}",\n  memoryFlagAt: ${memoryFlagAt(bytes)},\n}`;
mkdirSync(join(root, "generated"), { recursive: true });
writeFileSync(
  join(root, "generated/kernels.ts"),
  `// Made by scripts/build-kernels.mjs from assembly/.
export interface KernelBuild {
  readonly base64: string;
  /** Offset of the byte that says whether the imported memory is shared: 1 not, 3 shared. */
  readonly memoryFlagAt: number;
}

export const baseline: KernelBuild = ${build(baseline)};

export const relaxed: KernelBuild = ${build(relaxed)};
`,
);
console.log(`kernels: ${baseline.length} bytes baseline SIMD, ${relaxed.length} bytes relaxed SIMD`);
