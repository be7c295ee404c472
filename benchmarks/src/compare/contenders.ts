/** What is compared: a step, or the energy alone, of each backend, build and number of threads. */
import type { Backend, EnergyConfig, Evaluator } from "@comhe/core";
import type { BuildName } from "@comhe/wasm";
import runtime from "onnxruntime-node";
import type { Checkout } from "./checkout.js";

/** A set of neurons and the energy that is taken of them. */
export interface CompareCase {
  readonly id: string;
  readonly count: number;
  readonly dim: number;
  readonly config: EnergyConfig;
}

const half = { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half" } as const;

export const cases: readonly CompareCase[] = [
  { id: "64x576-half-s2", count: 64, dim: 576, config: half },
  { id: "1024x512-half-s2", count: 1024, dim: 512, config: half },
  { id: "4096x512-half-s2", count: 4096, dim: 512, config: half },
  // The default energy, and potentials that go through the general formulas.
  { id: "1024x512-full-s2", count: 1024, dim: 512, config: {} },
  {
    id: "1024x512-half-s3",
    count: 1024,
    dim: 512,
    config: { ...half, potential: { kind: "riesz", s: 3, distance: "chordal" } },
  },
  {
    id: "1024x512-half-angular-s1",
    count: 1024,
    dim: 512,
    config: { ...half, potential: { kind: "riesz", s: 1, distance: "angular" } },
  },
  { id: "1024x512-full-gaussian", count: 1024, dim: 512, config: { potential: { kind: "gaussian", t: 2 } } },
  {
    id: "random-256x2304",
    count: 256,
    dim: 2304,
    config: { ...half, projection: { kind: "random", dimension: 30, count: 20 } },
  },
];

/** One way to compute a case. */
export interface Way {
  readonly id: string;
  readonly make: (checkout: Checkout) => Promise<OpenBackend>;
}

interface OpenBackend {
  evaluator(config: EnergyConfig): Evaluator;
  close(): Promise<void>;
}

/** @param builds those that this engine runs */
export function waysOf(builds: readonly BuildName[]): readonly Way[] {
  const threads = [1, 2];
  return [
    ...builds.flatMap((build) => threads.map((count) => wasmWay(build, count))),
    ...threads.map((count) => onnxWay(count)),
  ];
}

function wasmWay(build: BuildName, threads: number): Way {
  return {
    id: `wasm-${build}-${threads}`,
    async make({ core, wasm }) {
      const backend = wasm.wasmBackend({ build, threads });
      return open(core, backend, async () => backend.dispose());
    },
  };
}

function onnxWay(threads: number): Way {
  return {
    id: `onnx-${threads}`,
    async make({ core, onnx }) {
      const sessionOptions = { intraOpNumThreads: threads };
      // One runtime for both checkouts: two copies of a native library in one process aren't what is to be compared.
      const backend = await onnx.onnxBackend({ runtime, executionProviders: ["cpu"], sessionOptions });
      return open(core, backend, async () => backend.dispose());
    },
  };
}

function open<A>(core: Checkout["core"], backend: Backend<A>, close: () => Promise<void>): OpenBackend {
  const evaluator = (config: EnergyConfig) => withEnergyAlone(core.createEvaluator(backend, config, { seed: 1 }));
  return { evaluator, close };
}

/** A checkout from before there were energies alone took a whole step for one: that step is what the energy alone is compared with. */
function withEnergyAlone(evaluator: Evaluator): Evaluator {
  if (typeof evaluator.energy === "function") return evaluator;
  return Object.assign(evaluator, {
    energy: async (weights: Parameters<Evaluator["energy"]>[0]) => (await evaluator.evaluate(weights)).energy,
  });
}
