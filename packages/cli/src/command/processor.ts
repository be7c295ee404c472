/** The processor, and what of its instructions makes energies fast. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

export interface Processor {
  readonly model: string;
  /** Threads that may run at once. */
  readonly threads: number;
  /** Of those that matter, what it has, as Linux names them; `null` where the platform doesn't say. */
  readonly flags: readonly string[] | null;
}

/** Widths of vectors, multiply-adds and products of matrices, on x86 and on ARM. */
const worthKnowing =
  /^(sse4_1|avx|avx2|fma|f16c|avx512\w*|avx_vnni|amx_\w+|asimd|asimdhp|asimddp|sve2?|i8mm|bf16|sme)$/;

export function processor(): Processor {
  // Some virtual machines name none.
  const model = cpus()[0]?.model.trim() || "unknown processor";
  return { model, threads: availableParallelism(), flags: flagsIn(cpuInfo()) };
}

function cpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}

/** @param text of Linux' `/proc/cpuinfo`: `flags` on x86, `Features` on ARM */
export function flagsIn(text: string): readonly string[] | null {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1];
  return line === undefined ? null : line.split(/\s+/).filter((flag) => worthKnowing.test(flag));
}

/** In one line. */
export function describeProcessor({ model, threads, flags }: Processor): string {
  const known = flags === null ? "this platform doesn't list its instructions" : flags.join(" ");
  return `${model}, ${threads} ${threads === 1 ? "thread" : "threads"}: ${known}`;
}
