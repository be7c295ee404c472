/**
 * Which axes of a TensorFlow.js weight are neurons: by the class of its layer, by the operation that reads it, or, for a
 * manifest without topology, by TensorFlow's own order `[kh, kw, in, out]`, `[in, out]`.
 */
import type { Shape } from "@comhe/core/layouts";
import { einsumPlace } from "../../conventions/einsum.js";
import { isEmbedding } from "../../conventions/tensor-names.js";
import { sizeOf } from "../../layer-source.js";
import type { KnownPlace } from "../../tensors/stored-tensor.js";

/** A place, or the reason why there is none. */
export type PlaceWeight = (name: string, shape: Shape) => KnownPlace | string;

type Json = Record<string, unknown>;

export function placeTfjsWeights(topology: unknown): PlaceWeight {
  const found = topology as { node?: unknown; model_config?: unknown; config?: unknown } | undefined;
  if (Array.isArray(found?.node)) return byOperation(found.node as Json[]);
  const config = found?.model_config ?? (found?.config ? found : undefined);
  return config ? byLayer(config as Json) : byConvention;
}

const depthwiseName = /depthwise/i;

const byConvention: PlaceWeight = (name, shape) => conventional(name, shape, "no topology");

function conventional(name: string, shape: Shape, why: string): KnownPlace {
  if (shape.length >= 3 && depthwiseName.test(name)) {
    return { kind: "depthwise convolution", layout: "depthwise", note: `${why}: last two axes taken as neurons` };
  }
  if (/(^|\/)embeddings$/.test(name) || (shape.length === 2 && isEmbedding(name) && !/kernel$/.test(name))) {
    return { kind: "embedding", layout: "neurons-first", note: `${why}: first axis taken as neurons` };
  }
  if (shape.length >= 3 && /conv\dd_transpose[^/]*\/kernel$/.test(name)) {
    const note = `${why}: a transposed convolution by its name, [kh, kw, out, in]`;
    return { kind: "convolution", layout: { neuronAxes: [-2] }, note };
  }
  const kind = shape.length > 2 ? "convolution" : "matrix";
  return { kind, layout: "neurons-last", note: `${why}: last axis taken as neurons` };
}

function byLayer(config: Json): PlaceWeight {
  const classes = new Map<string, string>();
  collectClasses(config, classes, 0);
  return (name, shape) => {
    const variable = name.split("/").at(-1)!;
    const kind = classOf(name, classes);
    if (kind === undefined) return conventional(name, shape, "its layer isn't in the topology");
    if (/embeddings/.test(variable)) return { kind, layout: "neurons-first" };
    if (/depthwise_kernel/.test(variable)) return { kind, layout: "depthwise" };
    if (/kernel/.test(variable)) {
      return { kind, layout: /Conv\dDTranspose/.test(kind) ? { neuronAxes: [-2] } : "neurons-last" };
    }
    return `"${variable}" of ${kind} isn't a kernel`;
  };
}

/**
 * A weight is called by its layer and what it is to it, `dense_1/kernel`; a layer's own name may hold slashes, and models
 * within models put theirs before it. tfjs makes a name that is taken into another by a number: `head_1/kernel` of the layer
 * `head`. The longest name that is a layer's is taken, the nearest to the weight of several.
 */
function classOf(name: string, classes: ReadonlyMap<string, string>): string | undefined {
  const modules = name.split("/").slice(0, -1);
  for (const shown of [(text: string) => text, (text: string) => text.replace(/_\d+$/, "")]) {
    for (let length = modules.length; length > 0; length--) {
      for (let from = modules.length - length; from >= 0; from--) {
        const found = classes.get(shown(modules.slice(from, from + length).join("/")));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

/** Layers hold their names in `config`, nested models and wrappers their layers within it. */
function collectClasses(value: unknown, classes: Map<string, string>, depth: number): void {
  if (depth > 40 || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const entry of value) collectClasses(entry, classes, depth + 1);
    return;
  }
  const { class_name: kind, config } = value as Json;
  const name = (config as Json | undefined)?.name;
  if (typeof kind === "string" && typeof name === "string") classes.set(name, kind);
  for (const entry of Object.values(value)) collectClasses(entry, classes, depth + 1);
}

interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Json;
}

function byOperation(nodes: readonly Json[]): PlaceWeight {
  const readers = new Map<string, { node: Node; input: number }[]>();
  for (const { name, op, input, attr } of nodes) {
    if (typeof name !== "string" || typeof op !== "string" || !Array.isArray(input)) continue;
    const inputs = input.map((from) => String(from).replace(/^\^/, "").replace(/:\d+$/, ""));
    const node: Node = { name, op, inputs, attributes: (attr ?? {}) as Json };
    inputs.forEach((from, n) => {
      const list = readers.get(from);
      if (list) list.push({ node, input: n });
      else readers.set(from, [{ node, input: n }]);
    });
  }
  const follow = (name: string, shape: Shape, depth: number): KnownPlace | string => {
    let reason = "no operation reads it";
    for (const { node, input } of readers.get(name) ?? []) {
      if (/^(Identity|ReadVariableOp)$/.test(node.op) && depth < 20) {
        const further = follow(node.name, shape, depth + 1);
        if (typeof further !== "string") return further;
        reason = further;
        continue;
      }
      if (node.op === "Einsum") {
        const placed = placeEinsum(node, input, shape);
        if (typeof placed !== "string") return { ...placed, readBy: `Einsum "${node.name}"` };
        reason = placed;
        continue;
      }
      const placed = placeAt(node, input);
      if (placed && /MatMul(V2)?$/.test(placed.kind) && sizeOf(shape.slice(0, -2)) > 1) {
        reason = `input ${input} of ${node.op}, a stack of ${sizeOf(shape.slice(0, -2))} matrices, which isn't read`;
        continue;
      }
      if (placed) return { ...placed, readBy: `${node.op} "${node.name}"` };
      reason = `input ${input} of ${node.op}, which has no neurons`;
    }
    return reason;
  };
  return (name, shape) => follow(name, shape, 0);
}

/** Texts of a graph's attributes are in base64. */
function placeEinsum({ attributes }: Node, input: number, shape: Shape): KnownPlace | string {
  const text = (attributes.equation as { s?: unknown } | undefined)?.s;
  let equation = "";
  try {
    equation = typeof text === "string" ? atob(text) : "";
  } catch {
    return "input of an Einsum whose equation isn't told";
  }
  const place = einsumPlace(equation, input, shape.length);
  if (typeof place === "string") return `input ${input} of Einsum: ${place}`;
  const { stacked, layout } = place;
  if (stacked > 0)
    return `input ${input} of Einsum, a stack of ${sizeOf(shape.slice(0, stacked))} matrices, which isn't read`;
  return { kind: "Einsum", layout };
}

function placeAt({ op, attributes }: Node, input: number): KnownPlace | undefined {
  const kind = op
    .replace(/^_?Fused/, "")
    .replace(/Native$/, "")
    .replace(/^DepthwiseConv2d$/, "DepthwiseConv2d");
  if (/^DepthwiseConv2d/.test(kind)) return input === 1 ? { kind, layout: "depthwise" } : undefined;
  if (/^Conv2DBackpropInput/.test(kind)) return input === 1 ? { kind, layout: { neuronAxes: [-2] } } : undefined;
  if (/^Conv[123]D$/.test(kind)) return input === 1 ? { kind, layout: "neurons-last" } : undefined;
  if (/^(Gather|GatherV2|ResourceGather)$/.test(kind))
    return input === 0 ? { kind: "embedding", layout: "neurons-first" } : undefined;
  if (/^(Batch)?MatMul(V2)?$/.test(kind) && input < 2) {
    // A B: neurons are the columns of B, or the rows of A, each transposed where the operation says so.
    const flag = (input === 0 ? ["transpose_a", "adj_x"] : ["transpose_b", "adj_y"])
      .map((key) => (attributes[key] as { b?: unknown } | undefined)?.b === true)
      .some(Boolean);
    const last = (input === 1) !== flag;
    return { kind, layout: last ? { neuronAxes: [-1] } : { neuronAxes: [-2] } };
  }
  return undefined;
}
