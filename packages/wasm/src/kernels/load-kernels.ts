/** Chooses, unpacks, compiles and instantiates the kernels. */
import { alphabet, builds, letters, packed } from "../../generated/kernels.js";

/** `baseline`: 128-bit SIMD. `relaxed`: relaxed SIMD, which has a fused multiply-add. */
export type BuildName = "baseline" | "relaxed";

export interface Kernels {
  /** This thread's share of the command in memory. */
  run(thread: number): void;
}

/** `i32x4.splat(1)`, and `f32x4.relaxed_madd` of three such, as whole modules. */
const probes: Record<BuildName, readonly number[]> = {
  baseline: [10, 8, 1, 6, 0, 65, 1, 253, 17, 11],
  relaxed: [10, 19, 1, 17, 0, 65, 1, 253, 17, 65, 1, 253, 17, 65, 1, 253, 17, 253, 133, 2, 11],
};
/** Magic number, version, a function of type [] → [v128]. */
const beforeCode = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];

/** The fastest build this engine can run; undefined where it lacks WebAssembly SIMD. */
export function supportedBuild(): BuildName | undefined {
  if (typeof WebAssembly !== "object") return undefined;
  const has = (build: BuildName) => WebAssembly.validate(Uint8Array.from([...beforeCode, ...probes[build]]));
  if (has("relaxed")) return "relaxed";
  return has("baseline") ? "baseline" : undefined;
}

/** @param shared whether the memory will be */
export function compileKernels(build: BuildName, shared: boolean): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(build, shared));
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/** What was unpacked, for the next backend. */
const unpacked = new Map<BuildName, Uint8Array<ArrayBuffer>>();

/** A build's own copy, which isn't kept by whoever compiled it. */
function bytesOf(build: BuildName, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = (unpacked.get(build) ?? unpack(build)).slice();
  bytes[builds[build].memoryFlagAt] = shared ? 3 : 1;
  return bytes;
}

/** Every other piece belongs to the other build: `scripts/build-kernels.mjs` says why, and what the letters mean. */
function unpack(build: BuildName): Uint8Array<ArrayBuffer> {
  const { baseline, relaxed } = builds;
  const { pieces, size } = builds[build];
  const others = (build === "baseline" ? relaxed : baseline).pieces;
  const table = byteTable();
  const codes = new TextEncoder().encode(packed);
  const bytes = new Uint8Array(size);
  let from = 0;
  let to = 0;
  for (let n = 0; n < pieces.length; n++) {
    if (build === "relaxed") from += others[n]!;
    to = readLetters(codes, from, from + pieces[n]!, table, bytes, to);
    from += pieces[n]!;
    if (build === "baseline") from += others[n]!;
  }
  unpacked.set(build, bytes);
  return bytes;
}

/** The byte of a letter's code; from 128 and from 256 on, of those that another letter stands before. */
function byteTable(): Uint8Array {
  const table = new Uint8Array(384);
  alphabet.forEach((byte, n) => {
    const row = Math.floor(n / letters.length);
    table[128 * row + letters.charCodeAt(n - row * letters.length)] = byte;
  });
  return table;
}

/** Runs once in most processes, and so before any compiler has looked at it: as few steps for a letter as can be. */
function readLetters(
  codes: Uint8Array,
  from: number,
  end: number,
  table: Uint8Array,
  out: Uint8Array,
  to: number,
): number {
  for (let at = from; at < end; at++) {
    const code = codes[at]!;
    if (code === second) out[to++] = table[128 + codes[++at]!]!;
    else if (code === third) out[to++] = table[256 + codes[++at]!]!;
    else out[to++] = table[code]!;
  }
  return to;
}

const second = "~".charCodeAt(0);
const third = "`".charCodeAt(0);
