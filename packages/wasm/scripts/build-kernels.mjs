// Compiles the kernels twice, with baseline and with relaxed SIMD, and writes them into a module, so that the package works in
// Node, in browsers and through bundlers without fetching anything.
//
// They are written for what a page's server does to them, which is gzip: a letter for a byte, where base64 would hide from it
// that bytes repeat, and each function beside its twin of the other build, which differs in multiply-adds alone. So both builds take
// 13 kB of a compressed page; as base64, one after the other, they took 34. And a letter is read as quickly as base64's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const root = join(import.meta.dirname, "..");
/**
 * The modules: what each is compiled from, where its constants lie and must end (the second one's bytes follow, `statisticsAt` of
 * src/threads/protocol.ts says where), and what each build of it must stay below.
 */
const modules = [
  { name: "kernels", entry: "index.ts", constants: [0x1000, 0x2000], largest: 80 * 1024 },
  { name: "statistics-kernels", entry: "statistics-kernels.ts", constants: [0x2000, 0x4000], largest: 48 * 1024 },
];

const flags = [
  ...["--runtime", "stub", "-O3", "--shrinkLevel", "1", "--converge", "--noAssert"],
  ...["--importMemory", "--initialMemory", "2", "--maximumMemory", "65536"],
  // Functions of one module that hand vectors to another look like exports to this warning.
  ...["--disableWarning", "112"],
];

async function compile({ name, entry, constants, largest }, features) {
  const output = new Map();
  const { error, stderr } = await asc.main(
    [
      entry,
      "--baseDir",
      join(root, "assembly"),
      ...flags,
      "--memoryBase",
      String(constants[0]),
      "--enable",
      ["simd", "threads", "bulk-memory", ...features].join(","),
      "--outFile",
      "kernels.wasm",
    ],
    { writeFile: (name, contents) => void output.set(name, contents) },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const bytes = output.get("kernels.wasm");
  if (bytes.length > largest) throw new Error(`${name}: ${bytes.length} bytes, more than ${largest}`);
  checkConstants(name, bytes, constants);
  return bytes;
}

/** Constants lie from `first` to `end` by construction; a section of data that is longer than that would run into something else. */
function checkConstants(name, bytes, [first, end]) {
  for (const [id, start, next] of sections(bytes)) {
    if (id === 11 && next - start > end - first) throw new Error(`${name}: ${next - start} bytes of constants`);
  }
}

/** Each section's number, and where its contents begin and end. */
function* sections(bytes) {
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = readNumber(bytes, at + 1);
    yield [bytes[at], start, start + size];
    at = start + size;
  }
}

/** Where the module says whether the memory it imports is shared; the loader sets it to what the threads need. */
function memoryFlagAt(bytes) {
  const name = Buffer.from("\x03env\x06memory\x02", "latin1");
  const found = Buffer.from(bytes).indexOf(name);
  if (found < 0) throw new Error("kernels: no import of a memory");
  return found + name.length;
}

/** An unsigned LEB128 number. @returns it, and what comes after it */
function readNumber(bytes, at) {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

/** Cut before each function's body: what comes before the first one, the bodies, and what comes after the code. */
function pieces(bytes) {
  const cuts = [0];
  for (const [id, start] of sections(bytes)) {
    if (id !== 10) continue;
    let [functions, body] = readNumber(bytes, start);
    for (; functions > 0; functions--) {
      cuts.push(body);
      const [length, from] = readNumber(bytes, body);
      body = from + length;
    }
    cuts.push(body);
  }
  return cuts.map((cut, n) => bytes.subarray(cut, cuts[n + 1]));
}

/** What stands for itself in a string, quoted in any way; the two beside it say that the next letter is of the second or third row. */
const letters = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n)).filter(
  (c) => !"\"'\\$`~".includes(c),
);
const rows = ["", "~", "`"];

/** The bytes' places: the most frequent ones are in the first row, and so a letter each. */
function alphabetOf(bytes) {
  const times = new Array(256).fill(0);
  for (const byte of bytes) times[byte]++;
  return Array.from(times.keys()).sort((a, b) => times[b] - times[a] || a - b);
}

mkdirSync(join(root, "generated"), { recursive: true });
for (const module of modules) {
  const builds = { baseline: await compile(module, []), relaxed: await compile(module, ["relaxed-simd"]) };
  const parts = Object.values(builds).map(pieces);
  const most = Math.max(...parts.map((each) => each.length));
  const twins = Array.from({ length: most }, (_, n) => parts.map((each) => each[n] ?? new Uint8Array(0))).flat();
  const alphabet = alphabetOf(Buffer.concat(twins));
  const textOf = new Map(
    alphabet.map((byte, n) => [byte, rows[Math.floor(n / letters.length)] + letters[n % letters.length]]),
  );
  const texts = twins.map((piece) => Array.from(piece, (byte) => textOf.get(byte)).join(""));
  const lengths = (n) => texts.filter((_, index) => index % 2 === n).map((text) => text.length);
  const described = Object.entries(builds).map(
    ([name, bytes], n) =>
      `  ${name}: { pieces: [${lengths(n)}], size: ${bytes.length}, memoryFlagAt: ${memoryFlagAt(bytes)} },\n`,
  );
  writeFileSync(
    join(root, `generated/${module.name}.ts`),
    `// Made by scripts/build-kernels.mjs from assembly/${module.entry}.
import type { PackedKernels } from "../src/kernels/packed-kernels.js";

export const kernels: PackedKernels = {
  letters: ${JSON.stringify(letters.join(""))},
  alphabet: [${alphabet}],
  packed:
    "${texts.join("")}",
${described.join("")}};
`,
  );
  const sizes = Object.entries(builds).map(([name, { length }]) => `${length} bytes ${name} SIMD`);
  console.log(`${module.name}: ${sizes.join(", ")}, ${texts.join("").length} letters`);
}
