/**
 * What one gets without WebAssembly: the contract's operations that the benchmarks need, in blocked plain JavaScript on one
 * thread, in either precision. In float32 a candidate; in float64, in a worker of its own, the truth of projected cases.
 */
import { type Backend, type Directions, EnergyError, type FloatArray, type Shape } from "@comhe/core";
import { type HostRows, normalize, pairwise } from "./pairwise.js";
import { addProduct, multiplyTransposed } from "./products.js";

interface HostArray {
  readonly data: FloatArray;
  readonly shape: Shape;
}

const sizeOf = (shape: Shape) => shape.reduce((product, length) => product * length, 1);

export function plainBackend(precision: "float32" | "float64"): Backend<HostArray> {
  const Floats = precision === "float32" ? Float32Array : Float64Array;
  const zeros = (shape: Shape): HostArray => ({ data: new Floats(sizeOf(shape)), shape });
  const unsupported = (): never => {
    throw new EnergyError("unsupported", "The benchmark's plain backend has only what the benchmark's cases need.");
  };
  return {
    specification: "v1",
    name: `plain-${precision}`,
    precision,
    bareFormula: false,
    upload: (data, shape) => ({ data: Floats.from(data), shape }),
    download: (arrays) =>
      Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data])) as {
        [K in keyof typeof arrays]: FloatArray;
      },
    scope: (body) => body(),
    matmul(a, b, options = {}) {
      const [batchA, rows, inner] = a.shape as [number, number, number];
      const [batch, height, width] = b.shape as [number, number, number];
      const stride = rows * inner;
      if (options.transposeB && !options.transposeA && !options.sumBatch && batchA === 1) {
        const out = zeros([batch, rows, height]);
        const left = { data: a.data, start: 0, stride: inner, rows };
        for (let c = 0; c < batch; c++) {
          const right = { data: b.data, start: c * height * width, stride: width, rows: height };
          multiplyTransposed(left, right, inner, out.data.subarray(c * rows * height, (c + 1) * rows * height));
        }
        return out;
      }
      if (options.sumBatch && !options.transposeA && !options.transposeB && batchA === batch) {
        const out = zeros([1, rows, width]);
        for (let c = 0; c < batch; c++) {
          const right = { data: b.data, start: c * height * width, stride: width, rows: height };
          addProduct({ data: a.data, start: c * stride, row: inner, column: 1 }, right, width, {
            data: out.data,
            start: 0,
            stride: width,
            rows,
          });
        }
        return out;
      }
      return unsupported();
    },
    scaleBatch(array, weights) {
      const size = array.data.length / array.shape[0]!;
      return { data: array.data.map((value, n) => value * weights.data[Math.floor(n / size)]!), shape: array.shape };
    },
    reduce(energies, how) {
      if (how !== "mean") return unsupported();
      const count = energies.data.length;
      const energy = zeros([1]);
      energy.data[0] = Float64Array.from(energies.data).reduce((sum, value) => sum + value, 0) / count;
      return { energy, weights: { data: zeros([count]).data.fill(1 / count), shape: [count] } };
    },
    directions({ data, shape }, normEpsilon) {
      if (normEpsilon !== 0) return unsupported();
      const host = normalize(data, shape[2]!);
      return { unit: { data: host.unit, shape }, normEpsilon, host } as Directions<HostArray>;
    },
    pairwise(directions, pair) {
      const [batch, count, dim] = directions.unit.shape as [number, number, number];
      const gradient = zeros(directions.unit.shape);
      const energy = zeros([batch]);
      const { host } = directions as Directions<HostArray> & { host: HostRows };
      for (let c = 0; c < batch; c++) energy.data[c] = pairwise(host, c * count, count, dim, pair, gradient.data);
      return { energy, gradient, saved: undefined };
    },
    combine: unsupported,
    gatherColumns: unsupported,
    scatterColumns: unsupported,
    pairwiseProduct: unsupported,
    mismatch: unsupported,
    mismatchProduct: unsupported,
  };
}
