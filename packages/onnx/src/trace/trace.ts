/**
 * What a strategy asks of a backend, recorded call by call. A handle is a place in that record; nothing is computed and no
 * node is made until results are read. Then the part that leads to them has a key, the same at every step of a run, by
 * which a session is found again. So a step costs a walk over some dozens of calls, whatever the size of its graph.
 */
import type { FloatArray, Shape } from "@comhe/core";

/** Data that goes into the graph at every run. */
export interface Source {
  readonly kind: "source";
  readonly data: Float32Array | Int32Array;
  readonly shape: Shape;
  readonly name: string | undefined;
}

/** An operation of the contract with its arguments, handles among them. */
export interface Call {
  readonly kind: "call";
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A source, or the result of a call: the whole of it, or one of its members. */
export class Traced {
  constructor(
    readonly of: Source | Call,
    readonly member?: string,
  ) {}
}

export function source(data: FloatArray | Int32Array, shape: Shape, name?: string): Traced {
  const narrow = data instanceof Float64Array ? Float32Array.from(data) : data;
  return new Traced({ kind: "source", data: narrow, shape, name });
}

export function call(method: string, ...args: readonly unknown[]): Traced {
  return new Traced({ kind: "call", method, args });
}

/** A member of a call's result. */
export function member(whole: Traced, name: string): Traced {
  return new Traced(whole.of, name);
}

/** The part of a record that leads to some results. */
export interface Trace {
  /** Equal for equal graphs: operations, settings, shapes, but no data. */
  readonly key: string;
  /** In the order of their first use. */
  readonly sources: readonly Source[];
  readonly calls: readonly Call[];
  readonly outputs: readonly Traced[];
}

export function traceOf(outputs: readonly Traced[]): Trace {
  const numbers = new Map<Source | Call, number>();
  const sources: Source[] = [];
  const lines: string[] = [];
  const number = (of: Source | Call): number => {
    const known = numbers.get(of);
    if (known !== undefined) return known;
    if (of.kind === "source") {
      sources.push(of);
      lines.push(`${of.data instanceof Int32Array ? "index" : "array"} ${of.shape.join()}`);
    } else {
      lines.push(`${of.method} ${of.args.map(written).join(" ")}`);
    }
    numbers.set(of, numbers.size);
    return numbers.size - 1;
  };
  const reference = ({ of, member = "" }: Traced) => `#${number(of)}${member}`;
  const written = (argument: unknown) =>
    JSON.stringify(argument, (_, value) => (value instanceof Traced ? reference(value) : value));
  lines.push(outputs.map(reference).join(" "));
  const calls = [...numbers.keys()].filter((of) => of.kind === "call");
  return { key: lines.join("\n"), sources, calls, outputs };
}
