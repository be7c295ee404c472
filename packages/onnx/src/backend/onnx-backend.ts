/**
 * The backend that traces. Strategies of core compose on it as on any other; what they composed becomes a graph when
 * results are read, and one run of it gives them all.
 */
import { type Backend, checkKeys, EnergyError, type FloatArray } from "@comhe/core";
import type { Tensor } from "onnxruntime-common";
import { GraphBuilder } from "../graph/graph-builder.js";
import { modelBytes } from "../graph/protobuf.js";
import type { Value } from "../graph/value.js";
import { lowerTrace } from "../lower/lower-trace.js";
import { type Source, type Trace, type Traced, traceOf } from "../trace/trace.js";
import { tracingBackend } from "../trace/tracing-backend.js";
import type { ExecutionProviders, OnnxRuntime, SessionOptions } from "./runtime.js";
import { Sessions } from "./sessions.js";

/** Options of {@link onnxBackend}. */
export interface OnnxBackendOptions {
  /** ONNX Runtime itself: `import * as runtime from "onnxruntime-node"`, or from "onnxruntime-web". */
  readonly runtime: OnnxRuntime;
  /** Execution providers in order of preference, `["cuda", "cpu"]` say; those before the first that works are left out. Default: the runtime's own choice. */
  readonly executionProviders?: ExecutionProviders | undefined;
  /**
   * Options of every session, the number of threads say. Default: graph optimization up to "basic", since higher levels fuse operations into float32;
   * messages from errors up; and threads that sleep between runs. What you give replaces these key by key.
   */
  readonly sessionOptions?: SessionOptions | undefined;
}

/** A handle of {@link onnxBackend}: a value of a graph to come. What is inside isn't public. */
export type OnnxValue = Traced;

/** The backend. Its operations are traced into a graph, which `download` runs. */
export interface OnnxBackend extends Backend<OnnxValue> {
  /** How many sessions were built so far: one for each graph, that is for each config and shape, and again for energies without gradients. */
  readonly sessionsBuilt: number;
  /** Releases all sessions. */
  dispose(): Promise<void>;
}

/**
 * A backend that computes energies and gradients on ONNX Runtime, in float32 with totals in float64. `separationFloor: 0` is refused. Data that was
 * uploaded must stay as it is until the results are there, since the run reads it.
 *
 * @throws EnergyError `missing-peer` where `runtime` isn't ONNX Runtime, and where none of the providers works; `invalid-config` for an unknown
 *   option, and for options that ONNX Runtime refuses
 */
export async function onnxBackend(options: OnnxBackendOptions): Promise<OnnxBackend> {
  checkKeys("onnxBackend", options ?? {}, ["runtime", "executionProviders", "sessionOptions"]);
  const { runtime, executionProviders = [], sessionOptions = {} } = options ?? {};
  if (typeof runtime?.InferenceSession?.create !== "function" || typeof runtime.Tensor !== "function") {
    throw new EnergyError(
      "missing-peer",
      "onnxBackend: expected `runtime` to be ONNX Runtime. npm install onnxruntime-node (or onnxruntime-web), then " +
        'import * as runtime from "onnxruntime-node" and pass it.',
    );
  }
  if (!Array.isArray(executionProviders)) {
    throw new EnergyError(
      "invalid-config",
      `onnxBackend: executionProviders: expected an array such as ["cuda", "cpu"], got ${JSON.stringify(executionProviders)}.`,
      { path: "executionProviders" },
    );
  }
  const sessions = new Sessions(runtime, executionProviders, sessionOptions);
  await sessions.settle(smallestModel());
  const name = sessions.provider ? `onnx-${sessions.provider}` : "onnx";
  return {
    ...tracingBackend(name),
    get sessionsBuilt() {
      return sessions.built;
    },
    async download<R extends Record<string, Traced>>(arrays: R) {
      const wanted = Object.entries(arrays);
      const computed = wanted.filter(([, { of }]) => of.kind === "call");
      const trace = traceOf(computed.map(([, traced]) => traced));
      const outputs = computed.length > 0 ? await runTrace(runtime, sessions, name, trace) : {};
      const read = wanted.map(([label, { of }]) => {
        if (of.kind === "source") return [label, of.data.slice()];
        return [label, outputs[outputName(computed.findIndex(([each]) => each === label))]!.data];
      });
      return Object.fromEntries(read) as { [K in keyof R]: FloatArray };
    },
    dispose: () => sessions.dispose(),
  };
}

const inputName = (n: number) => `in${n}`;
const outputName = (n: number) => `out${n}`;

async function runTrace(runtime: OnnxRuntime, sessions: Sessions, name: string, trace: Trace) {
  const feeds = Object.fromEntries(trace.sources.map((source, n) => [inputName(n), feedOf(runtime, source)]));
  return sessions.run(trace.key, () => modelOf(name, trace), feeds);
}

/** A view of the caller's memory. */
function feedOf({ Tensor: Made }: OnnxRuntime, { data, shape }: Source): Tensor {
  return data instanceof Int32Array ? new Made("int32", data, shape) : new Made("float32", data, shape);
}

/** 1 + 1, to see whether a provider works. */
function smallestModel(): Uint8Array {
  const graph = new GraphBuilder();
  const one = graph.input("one", "float", [1]);
  const value = graph.node("Add", [one, one], one);
  return modelBytes(graph.build([{ name: "two", value }], { name: "probe" }));
}

function modelOf(name: string, { sources, outputs }: Trace): Uint8Array {
  const graph = new GraphBuilder();
  const values = new Map<Source, Value>();
  sources.forEach((source, n) => {
    const type = source.data instanceof Int32Array ? "int32" : "float";
    values.set(source, graph.input(inputName(n), type, source.shape));
  });
  const results = lowerTrace(graph, name, outputs, (source) => values.get(source)!);
  // Only their numbers are read: a shape at the end would be a copy.
  const named = results.map((value, n) => ({ name: outputName(n), value: graph.unshaped(value) }));
  return modelBytes(graph.build(named, { name }));
}
