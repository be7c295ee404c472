/** From a record of calls to a graph: each call is done once, over values of the graph. */
import type { Directions, PairSpec } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import type { Value } from "../graph/value.js";
import { type Call, type Source, Traced } from "../trace/trace.js";
import { returnColumns, takeColumns } from "./columns.js";
import { wideDirections } from "./graph-directions.js";
import { graphPairwise, graphPairwiseEnergy } from "./graph-pairwise.js";
import { graphPrimitives } from "./graph-primitives.js";

/** Of the pairs that are alive at once where tiles are core's: Hessian products and mismatches. */
const tileBytes = 8 * 2 ** 20;

/** Adds what leads to `outputs`; the values of the sources are given. */
export function lowerTrace(
  graph: GraphBuilder,
  name: string,
  outputs: readonly Traced[],
  valueOfSource: (source: Source) => Value,
): Value[] {
  const p = graphPrimitives(graph);
  const fromCore = tensorBackend(p, { name, tileBytes });
  const operations = {
    ...fromCore,
    directions: (rows: Value, normEpsilon: number) =>
      normEpsilon > 0 ? wideDirections(graph, rows, normEpsilon) : fromCore.directions(rows, normEpsilon),
    takeColumns: (array: Value, index: Value, layout: { batch: number; padded: boolean }) =>
      takeColumns(graph, p, array, index, layout),
    returnColumns: (array: Value, indices: readonly Value[], layout: { padded: readonly boolean[] }) =>
      returnColumns(graph, p, array, indices, layout),
    pairwise: (directions: Directions<Value>, pair: PairSpec) => graphPairwise(graph, p, directions, pair),
    pairwiseEnergy: (directions: Directions<Value>, pair: PairSpec) => graphPairwiseEnergy(graph, p, directions, pair),
  } as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;

  const done = new Map<Source | Call, unknown>();
  const resultOf = (of: Source | Call): unknown => {
    if (!done.has(of)) {
      done.set(of, of.kind === "source" ? valueOfSource(of) : operations[of.method]!(...of.args.map(resolved)));
    }
    return done.get(of);
  };
  const resolved = (argument: unknown): unknown => {
    if (argument instanceof Traced) return lowered(argument);
    return Array.isArray(argument) ? argument.map(resolved) : argument;
  };
  const lowered = ({ of, member }: Traced): unknown => {
    const result = resultOf(of);
    return member === undefined ? result : (result as Record<string, unknown>)[member];
  };
  return outputs.map((output) => lowered(output) as Value);
}
