/**
 * Spectral restricted isometry property (SRIP): σ, the spectral norm of A = WWᵀ − I (or WᵀW − I), which bounds how much W
 * stretches any vector. Bansal et al. 2018 (arXiv 1810.09102), section 3.4. A is never formed: A·z = W(Wᵀz) − z.
 */
import type { RestrictedIsometryObjective } from "../config/types.js";
import { rowProducts } from "../reference/products.js";
import { symmetricEigen } from "../reference/symmetric-eigen.js";
import { checkCount, type Result, type Rows, transposed } from "./rows.js";

const mostExact = 1024;

/** @param start the vector that the power iteration begins with, N long (`columns`: d) */
export function restrictedIsometry(
  rows: Rows,
  objective: RestrictedIsometryObjective,
  start: (length: number) => ArrayLike<number>,
): Result {
  const { side, estimate, iterations, squared } = objective;
  const turned = side === "columns" ? transposed(rows) : rows;
  const found =
    estimate === "exact" ? largestDeviation(turned) : powerIteration(turned, start(turned.count), iterations);
  const { value, gradient } = squared ? square(found) : found;
  const back =
    side === "columns" ? transposed({ data: gradient, count: turned.count, dim: turned.dim }).data : gradient;
  return { value, gradient: back };
}

function square({ value, gradient }: Result): Result {
  return { value: value * value, gradient: gradient.map((entry) => 2 * value * entry) };
}

/**
 * σ = ‖Aᵐu‖/‖Aᵐ⁻¹u‖, m = `iterations`, a lower bound of the spectral norm. With p = Aᵐ⁻¹u and q = Ap, the gradient starts
 * from q̄ = q/(‖q‖‖p‖) and p̄ = Aq̄ − σp/‖p‖², and each product z′ = Az, going back, gives ∂W += z̄′(Wᵀz)ᵀ + z(Wᵀz̄′)ᵀ and
 * z̄ = Az̄′. σ doesn't depend on the scale of any z, so that all are kept at norm 1 by factors taken as constants. Where A
 * annihilates z, σ and its gradient are 0. 8·m·N·d flops for the products, as many for the gradient.
 */
function powerIteration(rows: Rows, start: ArrayLike<number>, iterations: number): Result {
  const { data, count, dim } = rows;
  const gradient = new Float64Array(data.length);
  const path: { readonly z: Float64Array; readonly onColumns: Float64Array; readonly length: number }[] = [];
  let z = unit(Float64Array.from(start));
  let sigma = 0;
  for (let m = 0; m < iterations; m++) {
    const { onColumns, product } = multiply(rows, z);
    sigma = norm(product);
    if (sigma === 0) return { value: 0, gradient };
    path.push({ z, onColumns, length: sigma });
    z = product.map((entry) => entry / sigma);
  }

  // q̄, and then z̄ of each step.
  let adjoint = z;
  for (let m = iterations - 1; m >= 0; m--) {
    const step = path[m]!;
    const { onColumns, product } = multiply(rows, adjoint);
    for (let i = 0; i < count; i++) {
      const [left, right] = [adjoint[i]!, step.z[i]!];
      for (let k = 0; k < dim; k++) gradient[i * dim + k]! += left * step.onColumns[k]! + right * onColumns[k]!;
    }
    if (m === 0) break;
    const direct = m === iterations - 1 ? sigma : 0;
    const { length } = path[m - 1]!;
    adjoint = product.map((entry, i) => (entry - direct * step.z[i]!) / length);
  }
  return { value: sigma, gradient };
}

/**
 * σ = max |λ − 1| over the eigenvalues of WWᵀ, from the smaller Gram matrix; where that leaves out zeros, |0 − 1| counts,
 * whose gradient is 0. With v the unit eigenvector of WWᵀ, ∂σ/∂W = 2·sign(λ − 1)·v(Wᵀv)ᵀ.
 */
function largestDeviation(rows: Rows): Result {
  const flat = rows.count <= rows.dim;
  const { data, count, dim } = flat ? rows : transposed(rows);
  checkCount("restricted-isometry", count, mostExact, "an eigenvalue decomposition, some 10·n³ flops");
  const w = { data, start: 0, stride: dim, rows: count };
  const gram = new Float64Array(count * count);
  rowProducts({ data: gram, start: 0, stride: count, rows: count }, w, w, dim);
  const { values, vectors } = symmetricEigen(gram, count);
  const deviations = values.map((value) => value - 1);
  const worst = deviations.reduce((best, value, n) => (Math.abs(value) > Math.abs(deviations[best]!) ? n : best), 0);
  const sigma = Math.abs(deviations[worst]!);
  const gradient = new Float64Array(data.length);
  if (!flat && sigma < 1) return { value: 1, gradient };
  const v = vectors.subarray(worst * count, (worst + 1) * count);
  const { onColumns } = multiply({ data, count, dim }, v);
  const sign = Math.sign(deviations[worst]!);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dim; k++) gradient[i * dim + k] = 2 * sign * v[i]! * onColumns[k]!;
  }
  return { value: sigma, gradient: flat ? gradient : transposed({ data: gradient, count, dim }).data };
}

/** Wᵀz and Az = W(Wᵀz) − z. */
function multiply({ data, count, dim }: Rows, z: ArrayLike<number>) {
  const onColumns = new Float64Array(dim);
  for (let i = 0; i < count; i++) for (let k = 0; k < dim; k++) onColumns[k]! += z[i]! * data[i * dim + k]!;
  const product = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += data[i * dim + k]! * onColumns[k]!;
    product[i] = sum - z[i]!;
  }
  return { onColumns, product };
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, entry) => sum + entry * entry, 0));
}

function unit(vector: Float64Array): Float64Array {
  const length = norm(vector);
  return length === 0 ? vector : vector.map((entry) => entry / length);
}
