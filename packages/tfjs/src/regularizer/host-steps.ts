/**
 * The steps of several kernels on the host. Layers are many, and small ones cost more to call for than to compute: where a step is the energy of
 * pairs alone, a backend that can reads the kernel and writes the gradient where they lie; on others, layers of one shape are one call. Numbers
 * are the same, to the last bit where the loss's derivative by the penalty is 1; else a gradient in place is rounded once more.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { evaluateInPlace, evaluateSetsOnHost, type HostBackend, type HostEnergy } from "./host-program.js";
import type { KernelProgram } from "./kernel-program.js";

/** A step of a kernel's program, and where it is computed. */
export interface HostStep {
  readonly on: KernelProgram;
  readonly backend: HostBackend;
  readonly weight: number;
  readonly kernel: tf.Tensor;
}

/** Kernels of at most so many numbers are gathered; of larger ones a call costs nothing beside what it computes. */
const mostGathered = 2 ** 16;

/** Energies and gradients of one step of each, in order. */
export function stepTogether(steps: readonly HostStep[]): readonly HostEnergy[] {
  const energies = new Array<HostEnergy>(steps.length);
  const sets = new Map<HostBackend, Map<string, number[]>>();
  for (const [n, step] of steps.entries()) {
    const { on, backend } = step;
    const task = on.taskOf(step);
    const pairs = on.inPlace(task, backend);
    if (pairs) {
      energies[n] = evaluateInPlace(task, pairs, backend);
      on.program.advance(undefined);
      continue;
    }
    if (on.plainPairs === undefined || step.kernel.size > mostGathered) {
      energies[n] = on.stepOnHost(task, backend);
      continue;
    }
    const { count, dim } = task.axes;
    const ofBackend = entryOf(sets, backend, () => new Map<string, number[]>());
    entryOf(ofBackend, `${count}×${dim} ${on.plainPairs}`, (): number[] => []).push(n);
  }
  for (const [backend, ofBackend] of sets) {
    for (const same of ofBackend.values()) {
      const tasks = same.map((n) => steps[n]!.on.taskOf(steps[n]!));
      for (const [at, energy] of evaluateSetsOnHost(tasks, backend).entries()) energies[same[at]!] = energy;
      for (const { program } of tasks) program.advance(undefined);
    }
  }
  return energies;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
