/**
 * The pairwise energy and its gradient as a graph. `pair-sums.ts` adds up the pairs; here they become a mean, with the self
 * terms of half space, and the gradient is pulled back to the raw rows. N may be a length that only a run knows.
 */
import type { Directions, PairSpec, PairwiseResult } from "@comhe/core";
import { antipodalValue, pairWeights } from "@comhe/core/host-functions";
import {
  pullback,
  type SelfTerms,
  selfTerms,
  type TensorDirections,
  type TensorPairwiseSaved,
  type TensorPrimitives,
  termsAtZero,
} from "@comhe/core/tensor-backend";
import type { GraphBuilder } from "../graph/graph-builder.js";
import { isKnown, type Value } from "../graph/value.js";
import { lengthOf } from "./axis-length.js";
import { toDouble, toFloat } from "./casts.js";
import { pairSums } from "./pair-sums.js";
import { pairValues } from "./pair-values.js";

export function graphPairwise(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  of: Directions<Value>,
  pair: PairSpec,
): PairwiseResult<Value> {
  const directions = of as TensorDirections<Value>;
  const { unit, normEpsilon } = directions;
  const weights = graphWeights(graph, unit, pair);
  const { sum, onDirections } = pairSums(graph, p, directions, pair);
  const perPair = toFloat(graph, weights.pair);
  const scaled = p.mul(pullback(p, directions, onDirections), perPair);
  const saved: TensorPairwiseSaved<Value> = { directions, pair, onDirections };
  const own = pair.space === "half" && normEpsilon > 0 ? selfTerms(p, directions, pair) : undefined;
  const energy = energyOf(graph, p, directions, pair, weights, sum, own);
  if (!own) return { energy, gradient: scaled, saved };
  const inward = p.mul(p.mul(own.pull, directions.inverseNorm), p.mul(toFloat(graph, weights.self), p.scalar(2)));
  return { energy, gradient: p.sub(scaled, p.mul(inward, unit)), saved };
}

/** `[batch]`: the energy alone, of the same tiles without their slopes. */
export function graphPairwiseEnergy(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  of: Directions<Value>,
  pair: PairSpec,
): Value {
  const directions = of as TensorDirections<Value>;
  const weights = graphWeights(graph, directions.unit, pair);
  const own = pair.space === "half" && of.normEpsilon > 0 ? selfTerms(p, directions, pair) : undefined;
  return energyOf(graph, p, directions, pair, weights, pairValues(graph, p, directions, pair), own);
}

/** The mean over pairs, `[batch]`, from their sum, with what half space adds for each neuron and its opposite. */
function energyOf(
  graph: GraphBuilder,
  p: TensorPrimitives<Value>,
  { unit, inverseNorm }: TensorDirections<Value>,
  pair: PairSpec,
  weights: { readonly pair: Value; readonly self: Value },
  sum: Value,
  own: SelfTerms<Value> | undefined,
): Value {
  const batch = unit.shape[0]!;
  const mean = graph.node("Mul", [sum, weights.pair], { type: "double", shape: sum.shape });
  const pairs = p.reshape(toFloat(graph, mean), [batch, 1, 1]);
  if (pair.space === "full") return p.reshape(pairs, [batch]);
  const perSelf = toFloat(graph, weights.self);
  if (own) return p.reshape(p.add(pairs, p.mul(p.sum(own.value, 1), perSelf)), [batch]);
  // φ(−1) for each neuron, φ(0) for a zero row.
  const atZero = termsAtZero({ ...pair, space: "full" }).value;
  const alive = p.less(p.scalar(0), inverseNorm);
  const each = p.add(p.mul(alive, p.scalar(antipodalValue(pair.potential) - atZero)), p.scalar(atZero));
  return p.reshape(p.add(pairs, p.mul(p.sum(each, 1), perSelf)), [batch]);
}

/** What multiplies the sums (`pairWeights`), in float64: constants, or computed where N is known by the run alone (such rows are never a sample). */
function graphWeights(graph: GraphBuilder, unit: Value, { space, population }: PairSpec): { pair: Value; self: Value } {
  const count = unit.shape[1]!;
  if (isKnown(count)) {
    const { pair, self } = pairWeights(count, space, population);
    return { pair: graph.scalar(pair, "double"), self: graph.scalar(self, "double") };
  }
  const double = (op: string, ...inputs: readonly Value[]) => graph.node(op, inputs, { type: "double", shape: [] });
  const number = (value: number) => graph.scalar(value, "double");
  const n = toDouble(graph, lengthOf(graph, unit, 1));
  if (space === "half") {
    const self = double("Div", number(1), double("Mul", n, double("Sub", double("Add", n, n), number(1))));
    return { pair: double("Add", self, self), self };
  }
  // One neuron has no pair.
  const others = double("Sub", n, number(1));
  const anyPair = double("Min", others, number(1));
  const pairs = double("Max", double("Mul", n, others), number(1));
  return { pair: double("Div", double("Add", anyPair, anyPair), pairs), self: number(0) };
}
