/** The objectives that tensor operations compute as simply as host loops do: orthogonality and uniformity. */
import type { ObjectiveResult, ObjectiveTask } from "../backend/backend.js";
import type { Objective, OrthogonalityObjective } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { orthogonalitySides } from "../objective/orthogonality.js";
import { uniformityPair } from "../objective/uniformity.js";
import type { TensorPrimitives } from "./primitives.js";
import { directions } from "./tensor-directions.js";
import { pairwise } from "./tensor-pairwise.js";

/** exp(−4t) must not vanish in float32. */
const largestGaussian = 20;

/** Whether a {@link tensorBackend} computes this objective; it has no others. */
export function hasTensorObjective(objective: Objective): boolean {
  if (objective.kind === "uniformity") return objective.t <= largestGaussian;
  return objective.kind === "orthogonality";
}

/** @throws EnergyError `unsupported` for the other objectives, which are host functions of core */
export function tensorObjective<T>(
  p: TensorPrimitives<T>,
  name: string,
  rows: T,
  task: ObjectiveTask,
  tileBytes: number,
): ObjectiveResult<T> {
  const { objective } = task;
  if (objective.kind === "orthogonality") return orthogonality(p, rows, objective, tileBytes);
  if (objective.kind === "uniformity" && hasTensorObjective(objective)) {
    const { energy, gradient } = pairwise(
      p,
      directions(p, rows, task.normEpsilon),
      uniformityPair(objective, task),
      tileBytes,
    );
    return logarithm(p, energy, gradient, p.shape(rows)[1]! > 1 || task.space === "half");
  }
  const what = objective.kind === "uniformity" ? `"uniformity" with t above ${largestGaussian}` : `"${objective.kind}"`;
  throw new EnergyError(
    "unsupported",
    `Backend ${name} has no objective ${what}, which is computed on the host, and can't read its ` +
      "tensors there and then: use the tfjs backend wasm, cpu, webgl or tensorflow, or the reference backend.",
    { kind: objective.kind },
  );
}

/** f = log E, ∂f = ∂E/E; 0 where there is no pair. */
function logarithm<T>(p: TensorPrimitives<T>, energy: T, gradient: T, hasPairs: boolean): ObjectiveResult<T> {
  if (!hasPairs) return { value: energy, gradient };
  const perBatch = p.reshape(energy, [p.shape(energy)[0]!, 1, 1]);
  return { value: p.log(energy), gradient: p.div(gradient, perBatch) };
}

/** ‖G − I‖²_F of the smaller Gram matrix and its gradient 4(G − I)W, in blocks of its rows. */
function orthogonality<T>(
  p: TensorPrimitives<T>,
  rows: T,
  { side }: OrthogonalityObjective,
  tileBytes: number,
): ObjectiveResult<T> {
  const [batch, count, dim] = p.shape(rows) as [number, number, number];
  const flat = count <= dim;
  const w = flat ? rows : p.transpose(rows, [0, 2, 1]);
  const size = Math.min(count, dim);
  const { times, constant } = orthogonalitySides(side, count, dim);
  // A block's products, their squares and what is subtracted are alive at once.
  const height = Math.min(size, Math.max(1, Math.floor(tileBytes / (batch * size * 4 * 3))));
  const columns = p.reshape(p.range(size), [1, 1, size]);
  const half = p.scalar(0.5);
  let squares: T | undefined;
  const gradients: T[] = [];
  for (let start = 0; start < size; start += height) {
    const length = Math.min(height, size - start);
    const block = p.slice(w, 1, start, length);
    const blockRows = p.reshape(p.range(length), [1, length, 1]);
    const distance = p.abs(p.sub(columns, p.add(blockRows, p.scalar(start))));
    const deviation = p.sub(p.matmul(block, w, false, true), p.less(distance, half));
    const sum = p.sum(p.sum(p.square(deviation), 2), 1);
    squares = squares === undefined ? sum : p.add(squares, sum);
    gradients.push(p.matmul(deviation, w, false, false));
  }
  const whole = p.mul(gradients.length === 1 ? gradients[0]! : p.concat(gradients, 1), p.scalar(4 * times));
  return {
    value: p.add(p.mul(p.reshape(squares!, [batch]), p.scalar(times)), p.scalar(constant)),
    gradient: flat ? whole : p.transpose(whole, [0, 2, 1]),
  };
}
