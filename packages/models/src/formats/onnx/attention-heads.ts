/**
 * Which attention a product goes into. Either an operator reads it, whose attributes are the heads: `MultiHeadAttention` and `GroupQueryAttention` of ONNX Runtime,
 * `Attention` of ONNX 23. Or its outputs are cut into heads by a Reshape to `[…, …, heads, size]` and a Transpose that puts the heads before the sequence, and then are
 * multiplied with each other around a Softmax: so PyTorch writes it. A bias may be added, a type changed, and a scale applied on the way.
 */
import { wholeNumbers } from "./exact-operations.js";
import type { GraphFlow, Reader } from "./graph-flow.js";
import type { NodePart } from "./model-parts.js";
import { nodeName, type Scope } from "./scope.js";
import type { Tracer } from "./trace.js";

/** What a weight's product is to an attention that reads it, and its heads. */
export interface AttentionUse {
  /** Whether it makes the queries, the keys or the values; `undefined` where the graph doesn't tell. */
  readonly part: "query" | "key" | "value" | undefined;
  /** How many heads it makes. */
  readonly count: number;
  /** How many heads of queries each of them serves: more than 1 under grouped queries. */
  readonly queries: number;
  /** The node of the attention. */
  readonly node: string;
}

const operators = new Set(["MultiHeadAttention", "GroupQueryAttention", "Attention"]);
/** What hands numbers on in their order: as they are, or with a bias or a scale of their own. */
const passing = new Set(["Add", "Cast", "Identity", "Mul"]);
/** What changes numbers of heads, and not which is whose. */
const scaling = new Set(["Mul", "Div", "Cast", "Identity", "Add", "Where"]);
const parts = ["query", "key", "value"] as const;
const furthest = 6;

/** Looks once at the nodes of a scope. */
export function attentionReaders(
  scope: Scope,
  tracer: Tracer,
  flow: GraphFlow,
): (node: NodePart) => AttentionUse | undefined {
  if (!scope.nodes.some(({ op }) => operators.has(op) || op === "Softmax")) return () => undefined;
  const next = (node: NodePart) => flow.next(node);
  const follow = (node: NodePart, steps: number): AttentionUse | undefined => {
    const reader = next(node);
    if (!reader) return undefined;
    if (operators.has(reader.node.op)) return useOf(scope, reader.node, reader.input);
    if (reader.node.op === "Reshape" && reader.input === 0) return useOfReshape(reader.node);
    return passing.has(reader.node.op) && steps < furthest ? follow(reader.node, steps + 1) : undefined;
  };

  /** `[batch, sequence, heads, size]`, then the heads before the sequence. */
  function useOfReshape(reshape: NodePart): AttentionUse | undefined {
    const [count] = lastTwo(scope, tracer, reshape.inputs[1] ?? "") ?? [];
    const transpose = next(reshape)?.node;
    if (count === undefined || transpose?.op !== "Transpose") return undefined;
    const order = (scope.attribute(transpose, "perm")?.integers ?? []).join();
    if (order !== "0,2,1,3" && order !== "0,2,3,1") return undefined;
    return { part: partOf(transpose, order === "0,2,3,1"), count, queries: 1, node: `Reshape "${nodeName(reshape)}"` };
  }

  /** Queries are the left factor of a product before the Softmax, keys its right one, values the right one of a product behind it. */
  function partOf(transpose: NodePart, turned: boolean): AttentionUse["part"] {
    let at: Reader | undefined = { node: transpose, input: 0 };
    for (let steps = 0; at !== undefined && steps <= furthest; steps++) {
      at = next(at.node);
      if (at?.node.op === "MatMul") break;
      if (at?.node.op === "Transpose") turned = true;
      else if (at !== undefined && !scaling.has(at.node.op)) return undefined;
    }
    if (at?.node.op !== "MatMul") return undefined;
    if (leadsToSoftmax(at.node)) return at.input === 0 ? "query" : "key";
    return at.input === 1 && !turned && comesFromSoftmax(at.node.inputs[0]!) ? "value" : undefined;
  }

  function leadsToSoftmax(node: NodePart): boolean {
    let at: NodePart | undefined = node;
    for (let steps = 0; at !== undefined && steps <= furthest; steps++) {
      at = next(at)?.node;
      if (at?.op === "Softmax") return true;
      if (at !== undefined && !scaling.has(at.op)) return false;
    }
    return false;
  }

  function comesFromSoftmax(name: string): boolean {
    for (let steps = 0; steps <= furthest; steps++) {
      const value = scope.lookup(name);
      if (value?.kind !== "computed") return false;
      if (value.node.op === "Softmax") return true;
      if (!["Dropout", "Cast", "Identity", "Where"].includes(value.node.op)) return false;
      name = value.node.inputs[value.node.op === "Where" ? 2 : 0] ?? "";
    }
    return false;
  }

  return (node) => follow(node, 0);
}

/** The last two of the four sizes that a Reshape asks for: a constant, or several joined of which these are. */
function lastTwo(scope: Scope, tracer: Tracer, name: string): readonly [number, number] | undefined {
  const numbers = (of: string): readonly number[] | undefined => {
    const traced = tracer.trace(scope, of);
    return traced.kind === "constant" ? wholeNumbers(traced.expression) : undefined;
  };
  const value = scope.lookup(name);
  const joined =
    value?.kind === "computed" && value.node.op === "Concat"
      ? // What is computed while the model runs is one size each: of the batch, of the sequence.
        value.node.inputs.flatMap((input) => numbers(input) ?? [0])
      : undefined;
  const sizes = numbers(name) ?? joined;
  const [heads = 0, size = 0] = sizes?.slice(2) ?? [];
  return sizes?.length === 4 && heads > 0 && (size > 0 || size === -1) ? [heads, size] : undefined;
}

function useOf(scope: Scope, node: NodePart, input: number): AttentionUse | undefined {
  const part = parts[input];
  const whole = (...names: readonly string[]) =>
    names.map((name) => scope.attribute(node, name)?.integer).find((value) => value !== undefined && value > 0);
  const heads = whole("num_heads", "q_num_heads");
  const ofKeys = whole("kv_num_heads") ?? heads;
  if (part === undefined || heads === undefined || ofKeys === undefined || heads % ofKeys !== 0) return undefined;
  const count = part === "query" ? heads : ofKeys;
  return { part, count, queries: heads / count, node: `${node.op} "${nodeName(node)}"` };
}
