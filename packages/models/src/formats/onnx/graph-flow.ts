/** What becomes of a node's output: who reads it, and which constants it is scaled by on its way. Converters that quantize put the scale behind the operator. */
import type { Expression } from "./expression.js";
import type { NodePart } from "./model-parts.js";
import type { Scope } from "./scope.js";
import type { Tracer } from "./trace.js";

export interface Reader {
  readonly node: NodePart;
  /** Which of its inputs. */
  readonly input: number;
}

/** Casts between a product and its scale. */
const mostCasts = 2;

export class GraphFlow {
  readonly #scope: Scope;
  readonly #tracer: Tracer;
  readonly #readers = new Map<string, Reader[]>();

  constructor(scope: Scope, tracer: Tracer) {
    this.#scope = scope;
    this.#tracer = tracer;
    for (const node of scope.nodes) {
      // Its size alone is asked for.
      if (node.op === "Shape") continue;
      node.inputs.forEach((name, input) => {
        const list = this.#readers.get(name);
        if (list) list.push({ node, input });
        else this.#readers.set(name, [{ node, input }]);
      });
    }
  }

  /** The one node that reads a node's first output; `undefined` where several do, or none. */
  next(node: NodePart): Reader | undefined {
    const found = this.#readers.get(node.outputs[0] ?? "") ?? [];
    return found.length === 1 ? found[0] : undefined;
  }

  /** The constant by which a product of whole numbers is multiplied, maybe together with the scale of its input: of all columns, or one for each. */
  scaleAfter(node: NodePart): Expression | undefined {
    let at = this.next(node);
    for (let casts = 0; at?.node.op === "Cast" && casts < mostCasts; casts++) at = this.next(at.node);
    if (at?.node.op !== "Mul") return undefined;
    const other = at.node.inputs[1 - at.input] ?? "";
    const own = this.#constant(other);
    if (own) return own;
    const value = this.#scope.lookup(other);
    if (value?.kind !== "computed" || value.node.op !== "Mul") return undefined;
    const constants = value.node.inputs.flatMap((name) => this.#constant(name) ?? []);
    return constants.length === 1 ? constants[0] : undefined;
  }

  /** Scale and zero point of the DequantizeLinear that alone reads a node. */
  dequantizedAfter(node: NodePart): { readonly scale: Expression; readonly zero: Expression | undefined } | undefined {
    const reader = this.next(node);
    if (reader?.node.op !== "DequantizeLinear" || reader.input !== 0) return undefined;
    const [, scaleName = "", zeroName = ""] = reader.node.inputs;
    const [scale, zero] = [this.#constant(scaleName), this.#constant(zeroName)];
    return scale && (zeroName === "" || zero) ? { scale, zero } : undefined;
  }

  #constant(name: string): Expression | undefined {
    const traced = this.#tracer.trace(this.#scope, name);
    return traced.kind === "constant" ? traced.expression : undefined;
  }
}
