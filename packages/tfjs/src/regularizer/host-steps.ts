/**
 * The steps of several kernels on the host. Layers of one shape are many, and small ones cost more to call for than to compute: those whose
 * energies are the same are one call. Numbers are the same, to the last bit.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { evaluateSetsOnHost, type HostBackend, type HostEnergy, type HostSets } from "./host-program.js";
import type { KernelProgram } from "./kernel-program.js";

/** A step of a kernel's program, and where it is computed. */
export interface HostStep {
  readonly on: KernelProgram;
  readonly backend: HostBackend;
  readonly kernel: tf.Tensor;
}

/** Kernels of at most so many numbers are gathered; of larger ones a call costs nothing beside what it computes. */
const mostGathered = 2 ** 16;

/** Energies and gradients of one step of each, in order. */
export function stepTogether(steps: readonly HostStep[]): HostSets {
  const energies = new Array<HostEnergy>(steps.length);
  const sets = new Map<HostBackend, Map<string, number[]>>();
  const evaluated: HostSets[] = [];
  for (const [n, { on, backend, kernel }] of steps.entries()) {
    if (on.plainPairs === undefined || kernel.size > mostGathered) {
      energies[n] = on.stepOnHost(kernel, backend);
      continue;
    }
    const { count, dim } = on.taskOf(kernel).axes;
    const ofBackend = entryOf(sets, backend, () => new Map<string, number[]>());
    entryOf(ofBackend, `${count}×${dim} ${on.plainPairs}`, (): number[] => []).push(n);
  }
  for (const [backend, ofBackend] of sets) {
    for (const same of ofBackend.values()) {
      const tasks = same.map((n) => steps[n]!.on.taskOf(steps[n]!.kernel));
      const set = evaluateSetsOnHost(tasks, backend);
      evaluated.push(set);
      for (const [at, energy] of set.energies.entries()) energies[same[at]!] = energy;
      for (const { program } of tasks) program.advance(undefined);
    }
  }
  return {
    energies,
    release() {
      for (const set of evaluated) set.release();
    },
  };
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
