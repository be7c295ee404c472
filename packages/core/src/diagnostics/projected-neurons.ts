/** The neurons as a projection leaves them: whatever a strategy hands to the energy, seen on the reference backend. */
import type { Backend, Directions, PairSpec, PairwiseResult } from "../backend/backend.js";
import type { EnergyProgram, NeuronSource } from "../evaluate/program.js";
import { type HostTensor, zeros } from "../reference/host-tensor.js";
import { referenceBackend } from "../reference/reference-backend.js";

/** One step of the program's schedule. @returns the projected neurons, `[C, N, k]`, or undefined if none were seen */
export function projectedNeurons(program: EnergyProgram, neurons: NeuronSource): HostTensor | undefined {
  const { projection } = program.spec;
  // Only these look at the energy on their way to the projection; the others are spared its cost.
  const needsEnergy = "compose" in projection || projection.kind === "adversarial";
  const { backend, seen } = watchingBackend(needsEnergy);
  const rows = backend.upload(neurons.rows(), [1, neurons.count, neurons.dim]);
  const { keep } = program.compose(backend, rows, neurons);
  program.advance(
    keep && Object.fromEntries(Object.entries(keep).map(([name, { array, shape }]) => [name, { ...array, shape }])),
  );
  const ofNeurons = seen.filter(({ shape }) => shape[1] === neurons.count);
  // The bilateral energy of mixed neurons comes second. Of inner steps the last one counts.
  return "kind" in projection && projection.kind === "bilateral" ? ofNeurons[0] : ofNeurons.at(-1);
}

function watchingBackend(needsEnergy: boolean): { backend: Backend<HostTensor>; seen: HostTensor[] } {
  const reference = referenceBackend();
  const seen: HostTensor[] = [];
  const rowsOf = new WeakMap<Directions<HostTensor>, HostTensor>();
  const nothing = (rows: HostTensor): PairwiseResult<HostTensor> => ({
    energy: zeros([rows.shape[0]!]),
    gradient: zeros(rows.shape),
    saved: undefined,
  });
  const backend: Backend<HostTensor> = {
    ...reference,
    directions(rows, normEpsilon) {
      const made = reference.directions(rows, normEpsilon);
      rowsOf.set(made, rows);
      return made;
    },
    pairwise(directions: Directions<HostTensor>, pair: PairSpec) {
      const rows = rowsOf.get(directions) ?? directions.unit;
      seen.push(rows);
      return needsEnergy ? reference.pairwise(directions, pair) : nothing(rows);
    },
    objective(rows, task) {
      seen.push(rows);
      if (needsEnergy) return reference.objective!(rows, task);
      const { energy: value, gradient } = nothing(rows);
      return { value, gradient };
    },
  };
  return { backend, seen };
}
