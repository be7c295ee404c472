/**
 * Which attention a product goes into: the heads are attributes of the operator that reads it, `MultiHeadAttention` and `GroupQueryAttention` of ONNX Runtime and
 * `Attention` of ONNX 23. A bias may be added, and a type changed, on the way.
 */
import type { NodePart } from "./model-parts.js";
import { nodeName, type Scope } from "./scope.js";

/** What a product is to an attention, and its heads. */
export interface AttentionUse {
  readonly part: "query" | "key" | "value";
  /** Of this part. */
  readonly count: number;
  /** Heads of queries for each of them. */
  readonly queries: number;
  /** The node. */
  readonly node: string;
}

const operators = new Set(["MultiHeadAttention", "GroupQueryAttention", "Attention"]);
/** What hands numbers on as they are, in their order. */
const passing = new Set(["Add", "Cast", "Identity"]);
const parts = ["query", "key", "value"] as const;
const furthest = 4;

/** Looks once at the nodes of a scope. */
export function attentionReaders(scope: Scope): (node: NodePart) => AttentionUse | undefined {
  if (!scope.nodes.some(({ op }) => operators.has(op))) return () => undefined;
  const readers = new Map<string, { node: NodePart; input: number }[]>();
  for (const node of scope.nodes) {
    node.inputs.forEach((name, input) => {
      const list = readers.get(name);
      if (list) list.push({ node, input });
      else readers.set(name, [{ node, input }]);
    });
  }
  const follow = (node: NodePart, steps: number): AttentionUse | undefined => {
    const found = readers.get(node.outputs[0] ?? "") ?? [];
    // What goes to several places is no part of one attention alone.
    if (found.length !== 1) return undefined;
    const [{ node: reader, input }] = found as [{ node: NodePart; input: number }];
    if (operators.has(reader.op)) return useOf(scope, reader, input);
    return passing.has(reader.op) && steps < furthest ? follow(reader, steps + 1) : undefined;
  };
  return (node) => follow(node, 0);
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
