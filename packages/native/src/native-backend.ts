/** The contract by native kernels: every operation is computed when it is called, on the caller's thread and those of the backend's crew. */
import { availableParallelism } from "node:os";
import type { Backend, FloatArray, PairwiseOptions, Shape } from "@comhe/core";
import { checkKeys, EnergyError } from "@comhe/core/pair-functions";
import { give, type NativeArray, upload } from "./backend/arrays.js";
import { contextOf } from "./backend/context.js";
import { directions, type NativeDirections } from "./backend/directions.js";
import { allFinite, combine, gatherColumns, matmul, reduce, scaleBatch, scatterColumns } from "./backend/linear.js";
import { mismatch, mismatchProduct } from "./backend/mismatch.js";
import { objective } from "./backend/objective.js";
import { pairwise, pairwiseEnergy, pairwiseOfKernel, pairwiseProduct } from "./backend/pairwise.js";
import { random, sketch, sketchBack } from "./backend/random.js";
import { statistics } from "./backend/statistics.js";
import type { NativeBackend, NativeBackendOptions } from "./backend-options.js";
import { measuredPeak } from "./instruction-sets.js";
import { type InstructionSet, loadBinding } from "./load-binding.js";

const mostThreads = 16;
/** Operations from so many flops on are shared by the threads: a quarter of a millisecond's work. Below it what waking them costs is more than they give. */
const leastShared = 6e7;

/**
 * A backend that computes energies and gradients by the processor's own vector instructions, in float32 with float64 sums. `separationFloor: 0` is
 * refused. Results don't depend on the number of threads, to the last bit. Everything but `statistics` is computed synchronously, on any number of
 * threads.
 *
 * @throws EnergyError `missing-peer` where no binary loads on this platform, with the reasons; `invalid-config` for an unknown option, or threads
 *   that aren't a whole number ≥ 1; `unsupported` where the machine lacks the instruction set that was asked for
 */
export function nativeBackend(options: NativeBackendOptions = {}): NativeBackend {
  checkKeys("nativeBackend", options, ["threads", "isa"]);
  const { threads } = options;
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw invalid("threads", `expected threads, a whole number ≥ 1, got ${JSON.stringify(threads) ?? threads}`);
  }
  return createBackend({ ...options, leastShared });
}

function invalid(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `nativeBackend: ${problem}.`, { path });
}

interface InternalOptions extends NativeBackendOptions {
  readonly leastShared: number;
}

/** For `nativeBackend` and the tests, which have every operation shared. */
export function createBackend(options: InternalOptions): NativeBackend {
  const binding = loadBinding();
  const isa = isaFor(options.isa, binding.isas());
  const wanted = Math.min(options.threads ?? Math.min(availableParallelism(), mostThreads), 1024);
  const engine = binding.open(isa, wanted, options.leastShared);
  const context = contextOf(binding, engine);
  return {
    specification: "v1",
    name: "native",
    precision: "float32",
    bareFormula: false,
    isa,
    get threads() {
      return binding.threads(engine);
    },
    upload: (data: FloatArray, shape: Shape) => upload(data, shape),
    download: (arrays) =>
      Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, give(array)])) as {
        [K in keyof typeof arrays]: FloatArray;
      },
    scope: (body) => body(),
    matmul: (a, b, how) => matmul(context, a, b, how),
    combine,
    scaleBatch,
    reduce,
    gatherColumns,
    scatterColumns,
    sketch: (rows, by) => sketch(context, rows, by),
    sketchBack: (projected, by) => sketchBack(context, projected, by),
    random: (draw) => random(context, draw),
    allFinite: (data) => allFinite(context, data),
    directions: (rows, normEpsilon) => directions(context, rows, normEpsilon),
    pairwise: ((of, pair, how?: PairwiseOptions) =>
      how?.gradient === false
        ? pairwiseEnergy(context, of as NativeDirections, pair)
        : pairwise(context, of as NativeDirections, pair)) as Backend<NativeArray>["pairwise"],
    pairwiseOfKernel: (set, pair) => pairwiseOfKernel(context, set, pair),
    pairwiseProduct: (saved, vector) => pairwiseProduct(context, saved, vector),
    mismatch: (reference, projected, spec) =>
      mismatch(context, reference as NativeDirections, projected as NativeDirections, spec),
    mismatchProduct: (saved, vector) => mismatchProduct(context, saved, vector),
    objective: (rows, task) => objective(context, rows, task),
    statistics: (of, request) => statistics(context, of as NativeDirections, request),
    measuredPeak: () => measuredPeak(isa),
    dispose: () => binding.close(engine),
  };
}

/** The one asked for, by an option or by `COMHE_NATIVE_ISA`, if the machine has it; else the widest. */
function isaFor(option: InstructionSet | undefined, offered: readonly InstructionSet[]): InstructionSet {
  const wanted = option ?? process.env.COMHE_NATIVE_ISA;
  if (wanted === undefined || wanted === "") return offered.at(-1)!;
  const found = offered.find((isa) => isa === wanted);
  if (found) return found;
  const from = option === undefined ? "COMHE_NATIVE_ISA" : "isa";
  throw new EnergyError(
    "unsupported",
    `nativeBackend: ${from} asks for ${JSON.stringify(wanted)}; this machine offers ${offered.join(", ")}.`,
    { wanted, offered },
  );
}
