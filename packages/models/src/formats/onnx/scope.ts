/**
 * Names and what they mean where they stand. A graph in a node (a branch of If, a body of Loop) sees the names around
 * it; the body of a local function sees its parameters alone, and stands here once for every call.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { Attribute, FunctionPart, GraphPart, ModelPart, NodePart, StoredTensor } from "./model-parts.js";
import type { Limits } from "./wire-cursor.js";

export type Value =
  | { readonly kind: "stored"; readonly tensor: StoredTensor }
  | { readonly kind: "computed"; readonly node: NodePart; readonly output: number; readonly scope: Scope }
  /** A parameter of a function, or a result of a call: another name elsewhere. */
  | { readonly kind: "alias"; readonly scope: Scope; readonly name: string }
  | { readonly kind: "input" }
  | { readonly kind: "sparse" }
  /** Two definitions in one scope: a broken model, in which the name means nothing. */
  | { readonly kind: "ambiguous" };

export class Scope {
  readonly #values = new Map<string, Value>();

  constructor(
    /** Where it is: "" for the model's graph, `node/then_branch` for one in it. */
    readonly path: string,
    readonly nodes: readonly NodePart[],
    /** What names refer to when they aren't defined here. */
    readonly parent: Scope | undefined,
    /** Attributes of the call, by the names that the function's body uses. */
    readonly attributes: ReadonlyMap<string, Attribute> | undefined,
  ) {}

  define(name: string, value: Value): void {
    if (name === "") return;
    this.#values.set(name, this.#values.has(name) ? { kind: "ambiguous" } : value);
  }

  /** A graph input may share its name with an initializer, which then is its default. */
  defineInput(name: string): void {
    if (!this.#values.has(name)) this.define(name, { kind: "input" });
  }

  lookup(name: string): Value | undefined {
    let scope: Scope | undefined = this;
    while (scope !== undefined) {
      const value = scope.#values.get(name);
      if (value !== undefined) return value;
      scope = scope.parent;
    }
    return undefined;
  }

  /** A node's attribute; in a function's body, it may be the call's. */
  attribute(node: NodePart, name: string): Attribute | undefined {
    const attribute = node.attributes.get(name);
    if (attribute === undefined || attribute.reference === "") return attribute;
    let scope: Scope | undefined = this;
    while (scope !== undefined && scope.attributes === undefined) scope = scope.parent;
    return scope?.attributes?.get(attribute.reference);
  }
}

/** "ai.onnx" is another name for the default domain. */
export function domainOf(node: { readonly domain: string }): string {
  return node.domain === "ai.onnx" ? "" : node.domain;
}

const functionKey = (domain: string, name: string, overload: string) => JSON.stringify([domain, name, overload]);

/** All scopes of a model, the outer ones first. @throws EnergyError `invalid-file` where functions call without end */
export function buildScopes(model: ModelPart, file: string, limits: Limits): Scope[] {
  const functions = new Map(
    model.functions.map((part) => [functionKey(domainOf(part), part.name, part.overload), part] as const),
  );
  const scopes: Scope[] = [];
  let inlined = 0;

  const enter = (scope: Scope, depth: number) => {
    if (depth > limits.depth || inlined > limits.inlined) {
      const much = depth > limits.depth ? `${limits.depth} deep` : `${limits.inlined} nodes far`;
      throw new EnergyError(
        "invalid-file",
        `${file}: local functions call each other more than ${much}. If it is no hostile file, raise \`limits\`.`,
      );
    }
    scopes.push(scope);
    for (const node of scope.nodes) {
      const called = functions.get(functionKey(domainOf(node), node.op, node.overload));
      if (called !== undefined) call(scope, node, called, depth);
      else compute(scope, node);
      for (const [name, attribute] of node.attributes) {
        attribute.graphs.forEach((graph, n) => {
          const path = `${join(scope.path, nodeName(node))}/${name}${attribute.graphs.length > 1 ? `[${n}]` : ""}`;
          enter(graphScope(graph, path, scope), depth + 1);
        });
      }
    }
  };

  const call = (scope: Scope, node: NodePart, called: FunctionPart, depth: number) => {
    const attributes = new Map(called.defaults);
    for (const name of node.attributes.keys()) {
      const given = scope.attribute(node, name);
      if (given !== undefined) attributes.set(name, given);
    }
    const body = new Scope(join(scope.path, nodeName(node)), called.nodes, undefined, attributes);
    called.inputs.forEach((parameter, n) => {
      const argument = node.inputs[n];
      if (argument !== undefined && argument !== "") body.define(parameter, { kind: "alias", scope, name: argument });
      else body.define(parameter, { kind: "input" });
    });
    node.outputs.forEach((output, n) => {
      scope.define(output, { kind: "alias", scope: body, name: called.outputs[n] ?? "" });
    });
    inlined += called.nodes.length + 1;
    enter(body, depth + 1);
  };

  if (model.graph !== undefined) enter(graphScope(model.graph, "", undefined), 0);
  return scopes;
}

function graphScope(graph: GraphPart, path: string, parent: Scope | undefined): Scope {
  const scope = new Scope(path, graph.nodes, parent, undefined);
  for (const tensor of graph.initializers) scope.define(tensor.name, { kind: "stored", tensor });
  for (const sparse of graph.sparse) scope.define(sparse.name, { kind: "sparse" });
  for (const name of graph.inputs) scope.defineInput(name);
  return scope;
}

function compute(scope: Scope, node: NodePart): void {
  const constant = node.op === "Constant" && domainOf(node) === "";
  const tensor = constant ? scope.attribute(node, "value")?.tensor : undefined;
  node.outputs.forEach((name, output) => {
    if (tensor !== undefined) scope.define(name, { kind: "stored", tensor });
    else if (constant && scope.attribute(node, "sparse_value") !== undefined) scope.define(name, { kind: "sparse" });
    else scope.define(name, { kind: "computed", node, output, scope });
  });
}

/** Nodes needn't have a name; their first output has one. */
export function nodeName(node: NodePart): string {
  return node.name || node.outputs.find((name) => name !== "") || node.op;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** What an alias stands for in the end; `undefined` for a circle of them. */
export function resolve(value: Value | undefined): Value | undefined {
  for (let steps = 0; steps < 1000; steps++) {
    if (value?.kind !== "alias") return value;
    value = value.scope.lookup(value.name);
  }
  return undefined;
}
