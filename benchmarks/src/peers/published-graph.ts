/**
 * The published formulation as an ONNX graph, written down literally: all pairs of the 2N points {x, −x} as N×N arrays, no
 * tiles, and its gradient as the chain rule gives it. What one would export without this project.
 */
import { exponent, randomProjectionOf, type TaskLayer } from "../task/task.js";
import { GraphWriter, type Value } from "./graph-writer.js";

/** Inputs `rows` [N, d] and, where projected, `matrices` [C, k, d]; outputs `energy` [] and `gradient` [N, d]. */
export function publishedGraph({ count, dim, spec }: TaskLayer): Uint8Array {
  const graph = new GraphWriter();
  const random = randomProjectionOf(spec);
  const half = spec.space === "half";
  const points = half ? 2 * count : count;
  const node = graph.node.bind(graph);
  const turn = (value: Value) => node("Transpose", [value], { perm: [0, 2, 1] });
  const sumRows = (value: Value) => node("ReduceSum", [value, graph.integers([2])], { keepdims: 1 });

  const rows = graph.input("rows", [count, dim]);
  const matrices = random && graph.input("matrices", [random.count, random.dimension, dim]);
  const projected = matrices ? node("MatMul", [rows, turn(matrices)]) : node("Unsqueeze", [rows, graph.integers([0])]);

  const norms = node("Sqrt", [sumRows(node("Mul", [projected, projected]))]);
  const unit = node("Div", [projected, norms]);
  const all = half ? node("Concat", [unit, node("Neg", [unit])], { axis: 1 }) : unit;
  const eye = node("EyeLike", [node("ConstantOfShape", [graph.integers([points, points])])]);
  const others = node("Sub", [graph.scalar(1), eye]);
  const cosines = node("MatMul", [all, turn(all)]);
  const chords = node("Sub", [graph.scalar(2), node("Mul", [graph.scalar(2), cosines])]);
  // The diagonal is moved away and its share left out.
  const [value, slope] = potential(graph, exponent(spec), node("Add", [chords, eye]));
  const pairs = points * (points - 1);
  const energies = node("ReduceSum", [sumRows(node("Mul", [value, others])), graph.integers([1, 2])], { keepdims: 0 });
  const energy = node("ReduceMean", [node("Mul", [energies, graph.scalar(1 / pairs)])], { keepdims: 0 });

  const onPoints = node("MatMul", [node("Mul", [slope, others]), all]);
  const onUnit = half ? difference(graph, onPoints, count) : onPoints;
  const along = sumRows(node("Mul", [unit, onUnit]));
  const scale = graph.scalar(2 / pairs / (random?.count ?? 1));
  const tangent = node("Sub", [onUnit, node("Mul", [unit, along])]);
  const onProjected = node("Mul", [node("Div", [tangent, norms]), scale]);
  const gradients = matrices ? node("MatMul", [onProjected, matrices]) : onProjected;
  const gradient = node("ReduceSum", [gradients, graph.integers([0])], { keepdims: 0 });
  return graph.finish({ energy: { value: energy, shape: [] }, gradient: { value: gradient, shape: [count, dim] } });
}

/** φ and κ = dφ/dc of squared chords. */
function potential(graph: GraphWriter, s: number, chords: Value): [value: Value, slope: Value] {
  if (s === 0) {
    const value = graph.node("Mul", [graph.scalar(-0.5), graph.node("Log", [chords])]);
    return [value, graph.node("Reciprocal", [chords])];
  }
  if (s === 1) {
    const value = graph.node("Reciprocal", [graph.node("Sqrt", [chords])]);
    return [value, graph.node("Mul", [graph.node("Mul", [value, value]), value])];
  }
  if (s === 2) {
    const value = graph.node("Reciprocal", [chords]);
    return [value, graph.node("Mul", [graph.scalar(2), graph.node("Mul", [value, value])])];
  }
  throw new Error(`The literal graph has s = 0, 1, 2; got ${s}.`);
}

/** The first N rows minus the last N: x and −x pull on the same neuron. */
function difference(graph: GraphWriter, onPoints: Value, count: number): Value {
  const part = (from: number, to: number) =>
    graph.node("Slice", [onPoints, graph.integers([from]), graph.integers([to]), graph.integers([1])]);
  return graph.node("Sub", [part(0, count), part(count, 2 * count)]);
}
