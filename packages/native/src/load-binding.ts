/**
 * Finds the binary and loads it: that of the platform's package, which npm installs beside this one, or the one that the build of this
 * repository makes for its own machine. Where none loads, the error says what was tried and why it failed.
 */
import { createRequire } from "node:module";
import { EnergyError } from "@comhe/core/pair-functions";
import { platformsFor } from "./platforms.js";

/**
 * Vector instructions that the kernels are written for, with the float32 numbers in a vector: on x86-64 `sse2` (4), which every such processor has,
 * `avx2` (8) and `avx512` (16), both with fused multiply-adds; on 64-bit ARM `neon` (4), which every such processor has.
 */
export type InstructionSet = "sse2" | "avx2" | "avx512" | "neon";

/** A backend's threads and memory; opaque. */
export interface Engine {
  readonly engine: unique symbol;
}

/** A pass of statistics; opaque but for how it may be cut. */
export interface StatisticsPass {
  readonly tasks: number;
  readonly taskFlops: number;
}

/** What a command may be given besides its numbers. */
export type Argument = Float32Array | Float64Array | Int32Array | StatisticsPass | undefined;

/** The functions of the binary; see `kernels/addon.c`. */
export interface Binding {
  isas(): InstructionSet[];
  open(isa: InstructionSet, threads: number, leastShared: number): Engine;
  close(held: Engine | StatisticsPass): void;
  run(engine: Engine, command: number, numbers: Float64Array, ...rest: Argument[]): void;
  statistics(engine: Engine, command: 0, numbers: Float64Array, ...rest: Argument[]): StatisticsPass;
  threads(engine: Engine): number;
  peak(isa: InstructionSet, rounds: number): number;
}

const instead =
  "Use @comhe/wasm instead, which computes the same on every platform, or let fastestBackend of @comhe/core choose among the installed ones.";

/** The error for a place where no binary loads. */
export function missingBinary(os: string, cpu: string, failures: readonly Failure[]): EnergyError {
  const isKnown = platformsFor(os, cpu).length > 0;
  const tried = failures.map(({ name, why }) => `${name}: ${why}`).join("; ");
  const why = isKnown
    ? `none of its binaries loads (${tried}). A package manager may have left out optional dependencies, or a lock file of another platform may lack this one`
    : "there is no binary for this platform";
  return new EnergyError("missing-peer", `@comhe/native on ${os} ${cpu}: ${why}. ${instead}`, {
    platform: os,
    arch: cpu,
    tried: failures,
  });
}

/** Why a binary didn't load. */
export interface Failure {
  readonly name: string;
  readonly why: string;
}

let loaded: Binding | undefined;

/** Once in each isolate. @throws EnergyError `missing-peer` */
export function loadBinding(): Binding {
  loaded ??= findBinding(createRequire(import.meta.url), process.platform, process.arch);
  return loaded;
}

/** For the tests too, which say what there is to require. */
export function findBinding(require: (name: string) => unknown, os: string, cpu: string): Binding {
  const failures: Failure[] = [];
  const names = platformsFor(os, cpu).map(({ name }) => `@comhe/native-${name}`);
  // The build's own, in this repository alone: a published package has no such folder. It lies as far from dist as from src.
  if (names.length > 0) names.push("../build/host/comhe.node");
  for (const name of names) {
    try {
      const binding = require(name) as Binding;
      if (typeof binding?.run === "function") return binding;
      failures.push({ name, why: "it isn't the kernels' binary" });
    } catch (error) {
      failures.push({ name, why: reasonOf(error) });
    }
  }
  throw missingBinary(os, cpu, failures);
}

/** The first line that says something: what the loader says of libraries, a policy's refusal, or that it isn't there. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "MODULE_NOT_FOUND") return "not installed";
  if (code === "ERR_DLOPEN_DISABLED")
    return "this process may not load native code (--no-addons, or Node's permission model)";
  return (message ?? String(error)).split("\n")[0]!;
}
