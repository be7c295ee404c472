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
/** What each build must stay below. */
const largestBytes = 80 * 1024;

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
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = readNumber(bytes, at + 1);
    if (bytes[at] === 10) {
      let [functions, body] = readNumber(bytes, start);
      for (; functions > 0; functions--) {
        cuts.push(body);
        const [length, from] = readNumber(bytes, body);
        body = from + length;
      }
      cuts.push(body);
    }
    at = start + size;
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

const names = ["baseline", "relaxed"];
const builds = await Promise.all([compile([]), compile(["relaxed-simd"])]);
const parts = builds.map(pieces);
const most = Math.max(...parts.map((each) => each.length));
const twins = Array.from({ length: most }, (_, n) => parts.map((each) => each[n] ?? new Uint8Array(0))).flat();
const alphabet = alphabetOf(Buffer.concat(twins));
const textOf = new Map(
  alphabet.map((byte, n) => [byte, rows[Math.floor(n / letters.length)] + letters[n % letters.length]]),
);
const texts = twins.map((piece) => Array.from(piece, (byte) => textOf.get(byte)).join(""));

mkdirSync(join(root, "generated"), { recursive: true });
writeFileSync(
  join(root, "generated/kernels.ts"),
  `// Made by scripts/build-kernels.mjs from assembly/.
/** The letters, in order; with nothing, \`~\` or \`\\\`\` before it a letter is of the first, second or third row of the alphabet. */
export const letters = ${JSON.stringify(letters.join(""))};
export const alphabet: readonly number[] = [${alphabet}];
/** Both builds: for each function and what is around them, a piece of the first build and its twin of the second. */
export const packed =
  "${texts.join("")}";

export interface KernelBuild {
  /** Letters of its pieces. */
  readonly pieces: readonly number[];
  /** Bytes. */
  readonly size: number;
  /** Offset of the byte that says whether the imported memory is shared: 1 not, 3 shared. */
  readonly memoryFlagAt: number;
}

export const builds = {
${names
  .map((name, n) => {
    const lengths = texts.filter((_, index) => index % 2 === n).map((text) => text.length);
    return `  ${name}: { pieces: [${lengths}], size: ${builds[n].length}, memoryFlagAt: ${memoryFlagAt(builds[n])} },\n`;
  })
  .join("")}} satisfies Record<string, KernelBuild>;
`,
);
console.log(
  `kernels: ${builds[0].length} bytes baseline SIMD, ${builds[1].length} bytes relaxed SIMD, ${texts.join("").length} letters`,
);
