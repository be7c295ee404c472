/** From a name back to the constant behind it, through operators that keep it exact. */
import type { DataType } from "./data-type.js";
import { EXACT_OPERATORS, literalNumbers } from "./exact-operations.js";
import { type Expression, type Expressions, sourcesOf } from "./expression.js";
import type { NodePart, StoredTensor } from "./model-parts.js";
import { domainOf, resolve, type Scope, type Value } from "./scope.js";
import type { CheckedTensor } from "./tensor-data.js";

export type Traced =
  | { readonly kind: "constant"; readonly expression: Expression }
  /** A constant that can't be followed: made of these, for this reason. */
  | { readonly kind: "lost"; readonly sources: readonly CheckedTensor[]; readonly reason: string }
  /** Computed while the model runs, or handed in. */
  | { readonly kind: "variable" };

const VARIABLE: Traced = { kind: "variable" };

export class Tracer {
  readonly expressions: Expressions;
  readonly #checked: ReadonlyMap<StoredTensor, CheckedTensor>;
  readonly #known = new Map<Value, Traced>();
  #depth = 0;

  constructor(expressions: Expressions, checked: ReadonlyMap<StoredTensor, CheckedTensor>) {
    this.expressions = expressions;
    this.#checked = checked;
  }

  /** What `name` is in `scope`. */
  trace(scope: Scope, name: string): Traced {
    if (name === "") return VARIABLE;
    const value = resolve(scope.lookup(name));
    if (value === undefined) return VARIABLE;
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    // A value that depends on itself is found here while it is being traced.
    this.#known.set(value, VARIABLE);
    const traced = this.#follow(value);
    this.#known.set(value, traced);
    return traced;
  }

  #follow(value: Value): Traced {
    switch (value.kind) {
      case "stored":
        return this.#stored(this.#checked.get(value.tensor)!);
      case "computed":
        return this.#computed(value.node, value.output, value.scope);
      default:
        return VARIABLE;
    }
  }

  #stored(tensor: CheckedTensor): Traced {
    const { type } = tensor;
    if (type === undefined)
      return { kind: "lost", sources: [tensor], reason: `numbers of ${tensor.typeName} aren't read` };
    return { kind: "constant", expression: this.expressions.stored(tensor, type) };
  }

  #computed(node: NodePart, output: number, scope: Scope): Traced {
    if (domainOf(node) !== "" && !(domainOf(node) === "com.microsoft" && /^(De)?[Qq]uantizeLinear$/.test(node.op))) {
      return VARIABLE;
    }
    if (node.op === "Constant") return this.#literal(node, scope);
    const operator = EXACT_OPERATORS.get(node.op);
    if (operator === undefined || node.inputs.length === 0) return VARIABLE;
    // Deeper than any model goes; the stack isn't bounded by what the file says.
    if (this.#depth > 256) return VARIABLE;
    this.#depth++;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.trace(scope, name)));
    this.#depth--;
    const [first] = inputs;
    if (first?.kind === "lost") return first;
    const used = inputs.filter((input) => input !== undefined);
    if (first === undefined || used.some(({ kind }) => kind === "variable")) return VARIABLE;
    const constants = inputs.map((input) => (input?.kind === "constant" ? input.expression : undefined));
    const sources = constants.flatMap((each) => (each === undefined ? [] : [...sourcesOf(each)]));
    const lost = (reason: string): Traced => ({ kind: "lost", sources, reason });
    const unread = used.find((input) => input.kind === "lost");
    if (unread !== undefined) return lost(`passes through ${node.op}, of which ${unread.reason}`);
    const result = operator({
      inputs: constants,
      output,
      outputs: node.outputs.length,
      integer: (name) => scope.attribute(node, name)?.integer,
      integers: (name) => scope.attribute(node, name)?.integers,
    });
    if (typeof result === "string") return lost(`passes through ${result}`);
    const expression = "id" in result ? result : this.expressions.apply(result);
    return typeof expression === "string" ? lost(expression) : { kind: "constant", expression };
  }

  #literal(node: NodePart, scope: Scope): Traced {
    const attribute = (name: string) => scope.attribute(node, name);
    const literal = literalNumbers({
      float: attribute("value_float")?.float,
      floats: attribute("value_floats")?.floats ?? [],
      integer: attribute("value_int")?.integer,
      integers: attribute("value_ints")?.integers ?? [],
    });
    if (literal === undefined) return VARIABLE;
    const { numbers, shape, type } = literal satisfies { type: DataType };
    return { kind: "constant", expression: this.expressions.literal(numbers, shape, type) };
  }
}
