/** Kernels as they travel, both builds in one text, and how their bytes come out of it. `scripts/build-kernels.mjs` says why so. */

/** Which WebAssembly instructions the kernels use: 128-bit SIMD (`baseline`), or relaxed SIMD as well (`relaxed`), which has a fused multiply-add. */
export type BuildName = "baseline" | "relaxed";

interface KernelBuild {
  /** Letters of its pieces. */
  readonly pieces: readonly number[];
  /** Bytes. */
  readonly size: number;
  /** Offset of the byte that says whether the imported memory is shared: 1 not, 3 shared. */
  readonly memoryFlagAt: number;
}

export interface PackedKernels extends Readonly<Record<BuildName, KernelBuild>> {
  /** The letters, in order; with nothing, `~` or `\`` before it a letter is of the first, second or third row of the alphabet. */
  readonly letters: string;
  readonly alphabet: readonly number[];
  /** Both builds: for each function and what is around them, a piece of the first build and its twin of the second. */
  readonly packed: string;
}

/** What was unpacked, for the next backend. */
const unpacked = new Map<PackedKernels, Map<BuildName, Uint8Array<ArrayBuffer>>>();

/**
 * A build's own copy, which isn't kept by whoever compiled it.
 *
 * @param shared whether the memory will be
 */
export function bytesOf(kernels: PackedKernels, build: BuildName, shared: boolean): Uint8Array<ArrayBuffer> {
  const known = unpacked.get(kernels) ?? new Map<BuildName, Uint8Array<ArrayBuffer>>();
  unpacked.set(kernels, known);
  const whole = known.get(build) ?? unpack(kernels, build);
  known.set(build, whole);
  const bytes = whole.slice();
  bytes[kernels[build].memoryFlagAt] = shared ? 3 : 1;
  return bytes;
}

/** Every other piece belongs to the other build. */
function unpack(kernels: PackedKernels, build: BuildName): Uint8Array<ArrayBuffer> {
  const { pieces, size } = kernels[build];
  const others = kernels[build === "baseline" ? "relaxed" : "baseline"].pieces;
  const table = byteTable(kernels);
  const codes = new TextEncoder().encode(kernels.packed);
  const bytes = new Uint8Array(size);
  let from = 0;
  let to = 0;
  for (let n = 0; n < pieces.length; n++) {
    if (build === "relaxed") from += others[n]!;
    to = readLetters(codes, from, from + pieces[n]!, table, bytes, to);
    from += pieces[n]!;
    if (build === "baseline") from += others[n]!;
  }
  return bytes;
}

/** The byte of a letter's code; from 128 and from 256 on, of those that another letter stands before. */
function byteTable({ alphabet, letters }: PackedKernels): Uint8Array {
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
