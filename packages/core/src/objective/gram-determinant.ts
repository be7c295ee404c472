/**
 * Maximum Gram determinant (MGD): the volume that the neurons span in the feature space of a Gaussian kernel. Liu et al.
 * 2021 (arXiv 2103.01649).
 *
 * In half space the kernel of the 2N points {x_i, −x_i} is [[A, B], [B, A]] with A = exp(−γu) and B = exp(−γv): its
 * determinant is det(A + B)·det(A − B), so that it is never built.
 */
import type { GramDeterminantObjective } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import { type Chords, chords } from "../reference/chords.js";
import { type HostDirections, normDeficit } from "../reference/normalize.js";
import { choleskyInPlace, inverseFromCholesky, logDeterminant } from "./cholesky.js";
import { checkCount, type Result, type Rows, type TaskOptions } from "./rows.js";

const mostNeurons = 4096;

/** A pivot below it is rounding: the matrix is singular in float64. */
const smallestPivot = 1e-14;

/**
 * f = −log det K, K = A + ρI (ρ the ridge), ∂f/∂c_ij = −2γ·A_ij·(K⁻¹)_ij for ordered pairs, hence ∂f/∂X = −4γ(A∘K⁻¹)X of
 * *directions*. Half space: f = −log det K₊ − log det K₋, K± = A ± B + ρI, with (A − B)∘K₊⁻¹ + (A + B)∘K₋⁻¹ for A∘K⁻¹.
 *
 * N³ flops (half space: 2N³) beside the inner products, and three to five N×N arrays of 8 bytes an entry: at most
 * 4096 neurons, where it takes a minute and half a gigabyte.
 *
 * @param of the batch that `rows` are the entry `batch` of
 * @throws EnergyError `coincident-neurons` where the kernel is singular (ridge 0); `unsupported` for too many neurons
 */
export function gramDeterminant(
  rows: Rows,
  { kind, gamma, ridge }: GramDeterminantObjective,
  { space }: TaskOptions,
  of: HostDirections,
  batch: number,
): Result {
  const { data, count, dim } = rows;
  checkCount(kind, count, mostNeurons, "N³ flops and several N×N arrays");
  const half = space === "half";
  const plus = new Float64Array(count * count);
  const minus = half ? new Float64Array(count * count) : undefined;
  const near = new Int8Array(count * count);
  const chord: Chords = { u: 0, v: 0, near: 0 };
  let closest = { gap: Number.POSITIVE_INFINITY, i: 0, j: 0 };
  const put = (i: number, j: number, u: number, v: number) => {
    const same = Math.exp(-gamma * u);
    const opposite = half ? Math.exp(-gamma * v) : 0;
    plus[i * count + j] = same + opposite;
    if (minus) minus[i * count + j] = same - opposite;
  };
  for (let i = 0; i < count; i++) {
    const deficit = normDeficit(of, batch * count + i);
    put(i, i, 2 * deficit, 4 - 2 * deficit);
    for (let j = 0; j < i; j++) {
      const { u, v, near: side } = chords(of, batch * count + i, batch * count + j, half, chord);
      put(i, j, u, v);
      put(j, i, u, v);
      near[i * count + j] = side;
      near[j * count + i] = side;
      const gap = half ? Math.min(u, v) : u;
      if (gap < closest.gap) closest = { gap, i: j, j: i };
    }
  }
  const invert = (kernel: Float64Array) => {
    const lower = kernel.slice();
    for (let i = 0; i < count; i++) lower[i * count + i]! += ridge;
    if (!choleskyInPlace(lower, count, smallestPivot)) throw singular(closest);
    return { logDeterminant: logDeterminant(lower, count), inverse: inverseFromCholesky(lower, count) };
  };
  const first = invert(plus);
  const second = minus && invert(minus);
  const onCosine = (n: number) =>
    second && minus ? minus[n]! * first.inverse[n]! + plus[n]! * second.inverse[n]! : plus[n]! * first.inverse[n]!;

  const gradient = new Float64Array(data.length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const slope = -4 * gamma * onCosine(i * count + j);
      // What lies along x_i is lost in the pullback: a near pair leaves it out beforehand, for its digits.
      const along = near[i * count + j]!;
      for (let k = 0; k < dim; k++) {
        gradient[i * dim + k]! += slope * (data[j * dim + k]! - along * data[i * dim + k]!);
      }
    }
  }
  return { value: -first.logDeterminant - (second?.logDeterminant ?? 0), gradient };
}

function singular({ i, j, gap }: { readonly i: number; readonly j: number; readonly gap: number }): EnergyError {
  return new EnergyError(
    "coincident-neurons",
    `objective "gram-determinant": the kernel is singular in float64, so that −log det is infinite. The closest neurons ` +
      `are ${i} and ${j}, a chord of ${Math.sqrt(gap).toPrecision(3)} apart; in half space a zero neuron coincides with its ` +
      "own opposite. Use a ridge above 0 (the default is 1e-6), or a larger gamma.",
    { rows: [i, j] },
  );
}
