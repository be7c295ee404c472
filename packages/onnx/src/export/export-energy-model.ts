/**
 * Energy and gradient as an ONNX file that needs nothing of ours to run. The same strategies are traced and lowered as in
 * `onnxBackend`; here the sources get names that people can read, and lengths may be left to the run.
 */
import {
  createProgram,
  defineEnergy,
  type EnergyConfig,
  EnergyError,
  type EnergyProgram,
  type EnergySpec,
  type MatrixBatch,
  type SeedOptions,
} from "@comhe/core";
import { GraphBuilder } from "../graph/graph-builder.js";
import type { NamedValue } from "../graph/named-value.js";
import { modelBytes } from "../graph/protobuf.js";
import { unknown, type Value } from "../graph/value.js";
import { asBatch, asMatrix } from "../lower/batched-product.js";
import { lowerTrace } from "../lower/lower-trace.js";
import { type Source, source, type Trace, type Traced, traceOf } from "../trace/trace.js";
import { tracingBackend } from "../trace/tracing-backend.js";
import { describeModel, describeSource } from "./describe-model.js";
import type { ModelShape } from "./model-shape.js";

/** Options of {@link exportEnergyModel}. */
export interface ExportOptions {
  /**
   * Writes the projection matrices of this seed into the file, for good. Default: matrices that are drawn are inputs of the model, so that they can
   * be drawn anew, by {@link energyModelInputs}. Matrices that the config itself has are in the file in any case.
   */
  readonly bake?: SeedOptions | undefined;
}

/** Names of the lengths that each run may choose. */
const lengthNames = { count: "count", dim: "dim" } as const;

/**
 * What stands for lengths that are left out while strategies compose: primes, so that nothing made from other numbers of a
 * spec equals them, and above most dimensions of projections.
 */
const standIns = { count: 2029, dim: 2027 } as const;

/**
 * Writes an energy as an ONNX model, which any ONNX runtime computes without this package. Its input is `weights` `[count, dim]`, rows of which are
 * neurons; its outputs are `energy`, a scalar, and `gradient` `[count, dim]`. A projection adds what it needs: `matrices` `[C, k, dim]`
 * as an input, and `matrices_next` as an output where it improves them. Every input and output says in the file what it is.
 *
 * @param shape the lengths to fix, or `"dynamic"` for none
 * @returns the bytes of the file
 * @throws EnergyError `invalid-config` for a wrong config or seed; `invalid-shape` for wrong lengths; `unsupported` for a `sample`, for the
 *   projection `pca`, where a length must be fixed, and where matrices can't be baked
 */
export function exportEnergyModel(
  config: EnergyConfig | EnergySpec,
  shape: ModelShape | "dynamic",
  options: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  const spec = defineEnergy(config);
  const { count, dim } = withGivenLengths(spec, checkShape(shape));
  const program = createProgram(spec, options.bake);
  const { sources, outputs } = traceProgram(program, { count: count ?? standIns.count, dim: dim ?? standIns.dim });
  const trace = traceOf(Object.values(outputs));
  checkLengths(spec, trace, { count, dim });
  const baked = bakedSources(spec, options);

  const graph = new GraphBuilder();
  const values = new Map<Source, Value>();
  for (const [name, each] of sources) {
    values.set(each, valueOfSource(graph, { ...each, name }, baked(each), { count, dim }));
  }
  const results = lowerTrace(graph, "an ONNX file", Object.values(outputs), (each) => values.get(each)!);
  const named = Object.keys(outputs).map((name, n) => outputOf(graph, name, results[n]!));
  return modelBytes(graph.build(named, { name: "hyperspherical_energy", ...describeModel(spec, { count, dim }) }));
}

/**
 * Draws what a model of {@link exportEnergyModel} takes besides `weights`, by the input's name: for a seed and a step, as every backend of this
 * project draws it.
 *
 * @param config the config that the model was written from
 * @param shape the lengths of the weights
 * @param options what fixes the random numbers
 * @throws EnergyError `invalid-config` for a wrong config, seed or step; `invalid-shape` for wrong lengths; `unsupported` for a `sample` and for
 *   the projection `pca`
 */
export function energyModelInputs(
  config: EnergyConfig | EnergySpec,
  shape: {
    /** N: the number of neurons. */
    readonly count: number;
    /** d: the length of a neuron. */
    readonly dim: number;
  },
  options: SeedOptions & {
    /** How many evaluations came before, from 0 on; projections are drawn anew by it. Default 0. */
    readonly step?: number;
  } = {},
): Record<
  string,
  {
    /** The numbers, row major. */
    readonly data: Float32Array | Int32Array;
    /** The sizes of the axes. */
    readonly shape: readonly number[];
  }
> {
  const spec = defineEnergy(config);
  checkLength("count", shape?.count);
  checkLength("dim", shape?.dim);
  const { step = 0, ...seed } = options;
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new EnergyError("invalid-config", `energyModelInputs: step: expected a whole number ≥ 0, got ${step}.`, {
      path: "step",
    });
  }
  const program = createProgram(spec, seed);
  program.restore({ ...program.state(), step });
  const { sources } = traceProgram(program, shape);
  const baked = bakedSources(spec, {});
  const inputs = [...sources].filter(([name, each]) => name !== "weights" && !baked(each));
  return Object.fromEntries(inputs.map(([name, { data, shape: lengths }]) => [name, { data, shape: lengths }]));
}

/** Composes one evaluation. Sources get distinct names. */
function traceProgram(program: EnergyProgram, { count, dim }: { count: number; dim: number }) {
  if (program.spec.sample !== undefined) {
    throw new EnergyError(
      "unsupported",
      `exportEnergyModel: sample: expected none, since a file can't draw rows; got ${program.spec.sample}. Leave it out, and ` +
        "give the graph the rows whose energy you want.",
      { path: "sample" },
    );
  }
  const backend = tracingBackend("ONNX");
  const rows = source(new Float32Array(0), [1, count, dim], "weights");
  const neurons = { count, dim, rows: needsWeights };
  const { energy, gradient, keep = {} } = program.compose({ ...backend, download: needsWeights }, rows, neurons);
  const next = Object.entries(keep).map(([name, { array }]) => [`${name}_next`, array] as const);
  const outputs: Record<string, Traced> = { energy, gradient, ...Object.fromEntries(next) };
  const sources = new Map<string, Source>();
  for (const each of traceOf(Object.values(outputs)).sources) {
    // A strategy of one's own may give one name to two arrays.
    const { name = "array" } = each;
    sources.set(sources.has(name) ? `${name}${sources.size}` : name, each);
  }
  return { outputs, sources };
}

function needsWeights(): never {
  throw new EnergyError(
    "unsupported",
    'exportEnergyModel: projection "pca" computes its matrices from the weights, on the host. Export a `fixed` projection ' +
      "with the matrices of your choice instead.",
    { kind: "pca" },
  );
}

function checkShape(shape: ModelShape | "dynamic"): ModelShape {
  if (shape === "dynamic") return {};
  if (typeof shape !== "object" || shape === null) {
    const got = shape === undefined ? "nothing" : JSON.stringify(shape);
    throw wrongLength(`expected { count, dim }, one of the two, or "dynamic", got ${got}`, "shape");
  }
  const { count, dim } = shape;
  for (const [name, length] of Object.entries({ count, dim })) if (length !== undefined) checkLength(name, length);
  return { count, dim };
}

function checkLength(name: string, length: number): void {
  if (Number.isSafeInteger(length) && length > 0) return;
  throw wrongLength(`expected ${name}, a whole number above 0, got ${length}`, name);
}

function wrongLength(problem: string, path: string): EnergyError {
  return new EnergyError("invalid-shape", `The shape of an energy model: ${problem}.`, { path });
}

/** Matrices of a spec say what the weights' lengths are. */
function withGivenLengths({ projection }: EnergySpec, { count, dim }: ModelShape): ModelShape {
  const { matrices, initial, right, left } = projection as unknown as Partial<Record<string, MatrixBatch>>;
  return { count: count ?? left?.shape.at(-2), dim: dim ?? (matrices ?? initial ?? right)?.shape.at(-1) };
}

/** Calls that are lowered for one number of neurons. */
const ofFixedCount = ["pairwiseProduct", "mismatch", "mismatchProduct", "objective"];

/** Which lengths a spec can't leave to the run. */
function checkLengths({ projection }: EnergySpec, { calls }: Trace, { count, dim }: ModelShape): void {
  const problem = (name: string, why: string) =>
    new EnergyError(
      "unsupported",
      `exportEnergyModel: this energy needs a fixed ${name}, since ${why}. Give \`${name}\`.`,
      {
        path: name,
      },
    );
  const fixed = calls.find(({ method }) => ofFixedCount.includes(method));
  if (count === undefined && fixed) throw problem("count", `${fixed.method} is lowered for one number of neurons`);
  if (dim !== undefined) return;
  if (projection.kind === "group") throw problem("dim", "groups are parts of the coordinates");
  if (fixed?.method === "objective") throw problem("dim", "objectives are lowered for one dimension");
}

/** Whether a source is written into the file. */
function bakedSources({ projection }: EnergySpec, { bake }: ExportOptions): (source: Source) => boolean {
  if (bake && (projection.kind === "adversarial" || projection.kind === "angle-preserving")) {
    throw new EnergyError(
      "unsupported",
      `exportEnergyModel: the matrices of projection "${projection.kind}" move from step to step, so they can't be baked. Feed ` +
        "the output `matrices_next` back as the input `matrices`.",
    );
  }
  const given = projection.kind === "fixed" || ("left" in projection && projection.left !== undefined);
  const contiguous = "shuffle" in projection && !projection.shuffle;
  const all = given || contiguous || bake !== undefined;
  return ({ name }) => all && name !== "weights";
}

/** An input of the graph, or a constant; `weights` without the batch of 1. */
function valueOfSource(graph: GraphBuilder, source: Source, baked: boolean, { count, dim }: ModelShape): Value {
  const { data, shape, name = "" } = source;
  const type = data instanceof Int32Array ? "int32" : "float";
  if (baked) return graph.constant(data, shape, type);
  const isWeights = name === "weights";
  const lengths: Record<number, string> = {};
  const open = (isWeights ? shape.slice(1) : shape).map((length, axis) => {
    if (count === undefined && length === standIns.count) lengths[axis] = lengthNames.count;
    else if (dim === undefined && length === standIns.dim) lengths[axis] = lengthNames.dim;
    return lengths[axis] ? unknown : length;
  });
  const input = graph.input(name, type, open, { doc: describeSource(name), lengths });
  return isWeights ? asBatch(graph, input) : input;
}

function outputOf(graph: GraphBuilder, name: string, value: Value): NamedValue {
  const doc = describeSource(name);
  if (name === "energy") {
    const scalar = graph.node("Squeeze", [value], { type: "float", shape: [] });
    return { name, value: scalar, doc };
  }
  const matrix = name === "gradient" ? asMatrix(graph, value) : value;
  const lengths = name === "gradient" ? lengthNamesOfMatrix : { [matrix.shape.length - 1]: lengthNames.dim };
  return { name, value: matrix, doc, lengths };
}

const lengthNamesOfMatrix = { 0: lengthNames.count, 1: lengthNames.dim };
