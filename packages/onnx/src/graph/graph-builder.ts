/**
 * Builds an ONNX graph node by node. Control flow nests: while the body of a loop or a branch is being built, nodes go
 * there, and may use every value around it. Constants are initializers of the outermost graph, one for each value.
 */
import type { Shape } from "@comhe/core";
import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import type { ModelText, NamedValue } from "./named-value.js";
import { type Attribute, graphProto, modelProto, nodeProto, type Tensor, tensorProto, valueInfo } from "./protobuf.js";
import { type ElementType, sizeOf, unknown, type Value } from "./value.js";

/** 17: what every release of ONNX Runtime since 2022 runs. */
export const opset = 17;

/** Operators that give the same numbers in another shape. */
const shaping: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze"]);

type Attributes = Readonly<Record<string, Attribute>>;
type Outcome = Pick<Value, "type" | "shape">;

/** One graph under construction. */
interface Frame {
  readonly nodes: NodeProto[];
  /** Names of the values made here. */
  readonly own: Set<string>;
}

export class GraphBuilder {
  private readonly outermost: Frame = { nodes: [], own: new Set() };
  private frame = this.outermost;
  private readonly inputs: NamedValue[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly tensors: Tensor[] = [];
  /** Names that nodes read: constants made in vain are left out. */
  private readonly read = new Set<string>();
  /** Of values that are others in another shape. */
  private readonly shapedFrom = new Map<string, Value>();
  private named = 0;

  input(name: string, type: ElementType, shape: Shape, text: Omit<NamedValue, "name" | "value"> = {}): Value {
    const value = { name, type, shape };
    this.inputs.push({ ...text, name, value });
    return value;
  }

  node(op: string, inputs: readonly (Value | undefined)[], outcome: Outcome, attributes: Attributes = {}): Value {
    return this.nodes(op, inputs, [outcome], attributes)[0]!;
  }

  /** A node with several outputs. An input that is left out is `undefined`. */
  nodes(
    op: string,
    inputs: readonly (Value | undefined)[],
    outcomes: readonly Outcome[],
    attributes: Attributes = {},
  ): Value[] {
    const outputs = outcomes.map(({ type, shape }) => this.made(type, shape));
    for (const value of inputs) if (value) this.read.add(value.name);
    if (shaping.has(op)) this.shapedFrom.set(outputs[0]!.name, inputs[0]!);
    this.frame.nodes.push(
      nodeProto(
        op,
        inputs.map((value) => value?.name ?? ""),
        outputs.map(({ name }) => name),
        attributes,
      ),
    );
    return outputs;
  }

  scalar(value: number, type: ElementType = "float"): Value {
    return this.constant([value], [], type);
  }

  /** int64, as axes, lengths and positions are. */
  integers(...values: readonly number[]): Value {
    return this.constant(values, [values.length], "int64");
  }

  constant(data: ArrayLike<number>, shape: Shape, type: ElementType = "float"): Value {
    const small = data.length <= 16;
    const key = small
      ? `${type} ${shape.join()} ${Array.from(data, (value) => (Object.is(value, -0) ? "-0" : value))}`
      : "";
    const known = this.constants.get(key);
    if (small && known) return known;
    if (sizeOf(shape) !== data.length)
      throw new Error(`A constant of shape [${shape}] was given ${data.length} numbers.`);
    const value: Value = { name: `c${this.named++}`, type, shape };
    this.tensors.push({ ...value, data });
    if (small) this.constants.set(key, value);
    return value;
  }

  /** What `make` gives, made in the outermost graph, and once for each key. */
  once(key: string, make: () => Value): Value {
    const known = this.constants.get(key);
    if (known) return known;
    const inner = this.frame;
    this.frame = this.outermost;
    const value = make();
    this.frame = inner;
    this.constants.set(key, value);
    return value;
  }

  /**
   * `turns` times `body`, which gets the number of the turn and what the turn before carried on. Carried values may change
   * their shape from turn to turn; stacked ones get a first axis that counts the turns.
   *
   * @param turns int64, a scalar
   */
  loop(
    turns: Value,
    start: readonly { readonly value: Value; readonly shape: Shape }[],
    body: (
      turn: Value,
      carried: readonly Value[],
    ) => { readonly carried: readonly Value[]; readonly stacked: readonly Value[] },
    count = unknown,
  ): { carried: Value[]; stacked: Value[] } {
    const turn = { name: `t${this.named++}`, type: "int64", shape: [] } as const;
    const goOn = { name: `t${this.named++}`, type: "bool", shape: [] } as const;
    const carriedIn = start.map(({ value: { type }, shape }) => ({ name: `t${this.named++}`, type, shape }));
    let carried: readonly Value[] = [];
    let stacked: readonly Value[] = [];
    const graph = this.subgraph([turn, goOn, ...carriedIn], () => {
      ({ carried, stacked } = body(turn, carriedIn));
      return [goOn, ...carried, ...stacked];
    });
    const outcomes = [
      ...carried.map(({ type }, n) => ({ type, shape: start[n]!.shape })),
      ...stacked.map(({ type, shape }) => ({ type, shape: [count, ...shape] })),
    ];
    const outputs = this.nodes("Loop", [turns, undefined, ...start.map(({ value }) => value)], outcomes, {
      body: { graph },
    });
    return { carried: outputs.slice(0, carried.length), stacked: outputs.slice(carried.length) };
  }

  /** Either of two ways, of the same types and shapes. */
  branch(condition: Value, then: () => readonly Value[], otherwise: () => readonly Value[]): Value[] {
    let outcomes: readonly Value[] = [];
    const thenGraph = this.subgraph([], () => {
      outcomes = then();
      return outcomes;
    });
    const elseGraph = this.subgraph([], otherwise);
    return this.nodes("If", [condition], outcomes, {
      then_branch: { graph: thenGraph },
      else_branch: { graph: elseGraph },
    });
  }

  /** The same numbers in whatever shape they had first, without the nodes that nobody else needs. */
  unshaped(value: Value): Value {
    const before = this.shapedFrom.get(value.name);
    if (!before) return value;
    const { nodes } = this.outermost;
    const maker = nodes.findIndex(({ output }) => output[0] === value.name);
    if (maker >= 0 && !this.read.has(value.name)) nodes.splice(maker, 1);
    return this.unshaped(before);
  }

  build(outputs: readonly NamedValue[], text: ModelText): ModelProto {
    for (const { name, value } of outputs) {
      this.read.add(value.name);
      this.outermost.nodes.push(nodeProto("Identity", [value.name], [name], {}));
    }
    const graph = graphProto(text.name, this.outermost.nodes, this.inputs.map(valueInfo), outputs.map(valueInfo));
    graph.initializer = this.tensors.filter(({ name }) => this.read.has(name)).map(tensorProto);
    graph.docString = text.doc ?? "";
    return modelProto(graph, opset, text);
  }

  private subgraph(inputs: readonly Value[], body: () => readonly Value[]): GraphProto {
    const outer = this.frame;
    const frame: Frame = { nodes: [], own: new Set() };
    this.frame = frame;
    const seen = new Set<string>();
    const outputs = body().map((value) => {
      // Outputs of a graph are distinct, and made in it.
      const passed = frame.own.has(value.name) && !seen.has(value.name);
      const output = passed ? value : this.node("Identity", [value], value);
      seen.add(output.name);
      return output;
    });
    this.frame = outer;
    const unnamed = (value: Value) => valueInfo({ name: value.name, value });
    return graphProto(`body${this.named++}`, frame.nodes, inputs.map(unnamed), outputs.map(unnamed));
  }

  private made(type: ElementType, shape: Shape): Value {
    const name = `v${this.named++}`;
    this.frame.own.add(name);
    return { name, type, shape };
  }
}
