/** Goes through the nodes of a model and asks, for every constant that one reads, where its neurons are. */
import { neuronAxes } from "@comhe/core/layouts";
import { type AttentionUse, attentionReaders } from "./attention-heads.js";
import { EXACT_OPERATORS } from "./exact-operations.js";
import { type Expression, sourcesOf } from "./expression.js";
import { GraphFlow } from "./graph-flow.js";
import { INPUT_ROLES } from "./input-roles.js";
import type { NodePart } from "./model-parts.js";
import type { Consumer } from "./model-weights.js";
import { ATTENTIONS } from "./place-attention.js";
import { BLOCKS } from "./place-blocks.js";
import { CONVOLUTIONS } from "./place-convolution.js";
import { EINSUMS } from "./place-einsum.js";
import { EXPERTS } from "./place-experts.js";
import { PRODUCTS } from "./place-product.js";
import { RECURRENT } from "./place-recurrent.js";
import { TABLES } from "./place-table.js";
import { type Call, type Placed, type Rule, shownShape } from "./placement.js";
import { domainOf, nodeName, type Scope } from "./scope.js";
import type { CheckedTensor } from "./tensor-data.js";
import type { Traced, Tracer } from "./trace.js";

export interface PlacedWeight {
  readonly placed: Placed;
  /** What the first consumer calls it. */
  readonly value: string;
  readonly consumers: Consumer[];
}

export interface Placing {
  /** In the order of their first consumers. */
  readonly weights: readonly PlacedWeight[];
  /** Tensors that are in one of them. */
  readonly used: ReadonlySet<CheckedTensor>;
  /** What became of the others: the first reason found. */
  readonly reasons: ReadonlyMap<CheckedTensor, string>;
}

const RULES: ReadonlyMap<string, Rule> = new Map(
  [...CONVOLUTIONS, ...PRODUCTS, ...TABLES, ...RECURRENT, ...BLOCKS, ...EINSUMS, ...EXPERTS, ...ATTENTIONS].map(
    ([domain, op, rule]) => [`${domain}:${op}`, rule],
  ),
);

export function placeWeights(scopes: readonly Scope[], tracer: Tracer): Placing {
  const weights = new Map<string, PlacedWeight>();
  const used = new Set<CheckedTensor>();
  const reasons = new Map<CheckedTensor, string>();

  const explain = (sources: Iterable<CheckedTensor>, reason: string) => {
    for (const source of sources) if (!reasons.has(source)) reasons.set(source, reason);
  };

  const accept = (placed: Placed, value: string, consumer: Consumer) => {
    const { expression, from, shape, layout, groups, factor } = placed;
    const key = JSON.stringify([expression.id, from, shape, layout, groups, factor]);
    const known = weights.get(key);
    if (known !== undefined) known.consumers.push(consumer);
    else weights.set(key, { placed, value, consumers: [consumer] });
    for (const source of sourcesOf(expression)) used.add(source);
  };

  const flows = new Map<Scope, GraphFlow>();
  const flowOf = (scope: Scope) => {
    const flow = flows.get(scope) ?? new GraphFlow(scope, tracer);
    flows.set(scope, flow);
    return flow;
  };
  const attentions = new Map<Scope, (node: NodePart) => AttentionUse | undefined>();
  const attentionOf = (scope: Scope, node: NodePart) => {
    const find = attentions.get(scope) ?? attentionReaders(scope, tracer, flowOf(scope));
    attentions.set(scope, find);
    return find(node);
  };

  const visit = (scope: Scope, node: NodePart) => {
    const inputs = node.inputs.map((name) => tracer.trace(scope, name));
    const rule = RULES.get(`${domainOf(node)}:${node.op}`);
    const verdicts = rule?.(callOf(scope, node, inputs, tracer, () => flowOf(scope)));
    const passedOn = passesOn(scope, node, tracer);
    inputs.forEach((traced, input) => {
      if (traced.kind === "lost") explain(traced.sources, traced.reason);
      if (traced.kind !== "constant") return;
      const verdict = verdicts?.get(input);
      const sources = sourcesOf(traced.expression);
      if (verdict === undefined) {
        if (!passedOn || (input > 0 && node.op !== "Concat")) explain(sources, role(node, input));
        return;
      }
      const reason = typeof verdict === "string" ? verdict : unusable(verdict);
      if (reason !== undefined) {
        explain(sources, `read by ${node.op} "${nodeName(node)}", but ${reason}`);
        return;
      }
      const use = attentionOf(scope, node);
      for (const placed of verdict as readonly Placed[]) {
        const attention = placed.attention ?? use;
        accept(placed, node.inputs[input]!, {
          ...{ op: node.op, node: nodeName(node), graph: scope.path, input },
          ...(attention && { attention }),
        });
      }
    });
  };

  for (const scope of scopes) for (const node of scope.nodes) visit(scope, node);
  return { weights: [...weights.values()], used, reasons };
}

/** Whether a node hands its constants on, so that whoever reads its output decides. */
function passesOn(scope: Scope, node: NodePart, tracer: Tracer): boolean {
  return EXACT_OPERATORS.has(node.op) && node.outputs.some((name) => tracer.trace(scope, name).kind !== "variable");
}

function callOf(scope: Scope, node: NodePart, inputs: readonly Traced[], tracer: Tracer, flow: () => GraphFlow): Call {
  return {
    op: node.op,
    constant(input): Expression | undefined {
      const traced = inputs[input];
      return traced?.kind === "constant" ? traced.expression : undefined;
    },
    given: (input) => (node.inputs[input] ?? "") !== "",
    integer: (name) => scope.attribute(node, name)?.integer,
    float: (name) => scope.attribute(node, name)?.float,
    integers: (name) => scope.attribute(node, name)?.integers,
    title: `${node.op} "${nodeName(node)}"`,
    text: (name) => scope.attribute(node, name)?.text,
    scaleAfter: () => flow().scaleAfter(node),
    dequantizedAfter: () => flow().dequantizedAfter(node),
    derive: (operation) => (typeof operation === "string" ? operation : tracer.expressions.apply(operation)),
  };
}

/** What else may be wrong with a placement, whatever the operator. */
function unusable(placed: readonly Placed[]): string | undefined {
  for (const { expression, shape, layout, from } of placed) {
    if (!expression.type.float) return `it holds ${expression.type.name} numbers`;
    if (shape.some((size) => size === 0)) return "it is empty";
    const { count, dim } = neuronAxes(shape, layout);
    if (from + count * dim > expression.count) return `${shownShape(shape)} doesn't fit in it`;
  }
  return placed.length === 0 ? "it is empty" : undefined;
}

function role(node: NodePart, input: number): string {
  const of = `${node.op} "${nodeName(node)}"`;
  const name = INPUT_ROLES[node.op]?.[input];
  if (name !== undefined) return `${name} of ${of}`;
  return `input ${input} of ${of}, which has no neurons there`;
}
