/** Directions x = w/ρ of rows, and the pullback of a gradient through them. */
import type { TensorDirections } from "@comhe/core/tensor-backend";
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { numberText } from "../kernels/potential-text.js";

export type DeviceDirections = TensorDirections<DeviceArray>;

/** float32's smallest normal number: a GPU may flush what is smaller, so a row below it counts as zero. */
const smallestNormal = 1.1754944e-38;

/** ρ = m·√(‖w/m‖² + ε/m²) with m = max(max|w_i|, √ε), so that rows of norm 1e±30 neither overflow nor vanish. */
export function directions(engine: Engine, rows: DeviceArray, normEpsilon: number): DeviceDirections {
  const [batch, count, dim] = rows.shape as [number, number, number];
  const perRow = [batch, count, 1];
  const constants = { dim };
  const root = Math.sqrt(normEpsilon);
  const largest = engine.run(
    {
      name: "largest entry",
      source: () => `function(w, root) {
        let m = root;
        for (let k = 0; k < this.constants.dim; k++) {
          m = Math.max(m, Math.abs(w[this.thread.x * this.constants.dim + k]));
        }
        return m;
      }`,
      constants,
    },
    [rows, root],
    [batch * count, 1, 1],
    perRow,
  );
  const isDead = `m < ${numberText(smallestNormal)}`;
  const norm = engine.run(
    {
      name: "scaled norm",
      source: () => `function(w, largest, root) {
        const m = largest[this.thread.x];
        if (${isDead}) { return 1; }
        const own = root / m;
        let sum = own * own;
        for (let k = 0; k < this.constants.dim; k++) {
          const v = w[this.thread.x * this.constants.dim + k] / m;
          sum += v * v;
        }
        return Math.sqrt(sum);
      }`,
      constants,
    },
    [rows, largest, root],
    [batch * count, 1, 1],
    perRow,
  );
  const inverseNorm = engine.run(
    {
      name: "inverse norm",
      source: () => `function(largest, norm) {
        const m = largest[this.thread.x];
        if (${isDead}) { return 0; }
        return 1 / norm[this.thread.x] / m;
      }`,
    },
    [largest, norm],
    [batch * count, 1, 1],
    perRow,
  );
  const unit = engine.run(
    {
      name: "unit rows",
      source: () => `function(w, largest, norm) {
        const m = largest[this.thread.y];
        if (${isDead}) { return 0; }
        return w[this.thread.y * this.constants.dim + this.thread.x] / m / norm[this.thread.y];
      }`,
      constants,
    },
    [rows, largest, norm],
    [dim, batch * count, 1],
    rows.shape,
  );
  return { unit, inverseNorm, normEpsilon };
}

/**
 * J(g)·scale = (g − x(xᵀg))·scale/ρ.
 *
 * @param inward per row, `[batch, N, 1]`: that many times x is taken off
 */
export function pullback(
  engine: Engine,
  directions: DeviceDirections,
  gradient: DeviceArray,
  scale: number,
  inward?: DeviceArray,
): DeviceArray {
  const { unit, inverseNorm, normEpsilon } = directions;
  const [batch, count, dim] = unit.shape as [number, number, number];
  const rowDot = (b: DeviceArray) =>
    engine.run(
      {
        name: "along",
        source: () => `function(x, g) {
          let sum = 0;
          for (let k = 0; k < this.constants.dim; k++) {
            sum += x[this.thread.x * this.constants.dim + k] * g[this.thread.x * this.constants.dim + k];
          }
          return sum;
        }`,
        constants: { dim },
      },
      [unit, b],
      [batch * count, 1, 1],
      [batch, count, 1],
    );
  /** g − x·(what `along` holds for its row). */
  const take = (from: DeviceArray, along: DeviceArray) =>
    engine.run(
      {
        name: "take off",
        source: () => `function(x, g, along) {
          const at = this.thread.y * this.constants.dim + this.thread.x;
          return g[at] - x[at] * along[this.thread.y];
        }`,
        constants: { dim },
      },
      [unit, from, along],
      [dim, batch * count, 1],
      unit.shape,
    );
  return engine.scope(() => {
    const along = rowDot(gradient);
    let tangent = take(gradient, along);
    if (normEpsilon > 0) tangent = take(tangent, slip(engine, directions, along, rowDot(tangent), rowDot(unit)));
    return engine.run(
      {
        name: `to raw rows ${inward !== undefined}`,
        source: () => `function(g, inverse, scale${inward ? ", x, inward" : ""}) {
          const at = this.thread.y * this.constants.dim + this.thread.x;
          return g[at] * scale * inverse[this.thread.y]${inward ? " - x[at] * inward[this.thread.y]" : ""};
        }`,
        constants: { dim },
      },
      [tangent, inverseNorm, scale, ...(inward ? [unit, inward] : [])],
      [dim, batch * count, 1],
      unit.shape,
    );
  });
}

/**
 * With ε > 0, xᵀ(g − x(xᵀg)) is (xᵀg)·ε/ρ². For long rows that is little, and what rounding made of it is more: by how many
 * times x the tangent is off, `[batch, N, 1]`.
 */
function slip(
  engine: Engine,
  { inverseNorm, normEpsilon }: DeviceDirections,
  along: DeviceArray,
  left: DeviceArray,
  square: DeviceArray,
): DeviceArray {
  return engine.run(
    {
      name: "slip",
      source: () => `function(along, left, square, inverse, root) {
        const part = inverse[this.thread.x] * root;
        return (left[this.thread.x] - along[this.thread.x] * part * part) / Math.max(square[this.thread.x], 1e-30);
      }`,
    },
    [along, left, square, inverseNorm, Math.sqrt(normEpsilon)],
    [sizeOf(along.shape), 1, 1],
    along.shape,
  );
}
