/**
 * The operations as tensors (webgl, webgpu and node run them) and the host shortcut of cpu and wasm, both against the
 * reference backend, operation by operation, in one tile and in many.
 */
import { type Backend, type Potential, referenceBackend, type Space } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { tfjsBackend } from "./tfjs-backend.js";
import { tfjsPrimitives } from "./tfjs-primitives.js";

const reference = referenceBackend();
type ReferenceHandle = ReturnType<typeof reference.upload>;

const potentials: Potential[] = [
  ...[0, 1, 2, 2.5, 3].flatMap((s) =>
    (["chordal", "angular"] as const).map((distance) => ({ kind: "riesz", s, distance }) as const),
  ),
  { kind: "gaussian", t: 2 },
];
const spaces: Space[] = ["full", "half"];

const [batch, count, dim, width] = [3, 6, 11, 5];

/** Reproducible, roughly normal. */
function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    let sum = 0;
    for (let n = 0; n < 6; n++) {
      state = (state * 1664525 + 1013904223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    return sum;
  });
}

const x = noise(count * dim, 1);
const v = noise(batch * count * width, 5);
const z = noise(batch * count * width, 2);
/** Rows 0 and 1 nearly parallel, rows 2 and 3 nearly antiparallel, row 4 zero. */
const crowded = Float32Array.from(z);
for (let k = 0; k < width; k++) {
  crowded[width + k] = crowded[k]! * 2 + (k === 0 ? 0.03 : 0);
  crowded[3 * width + k] = -crowded[2 * width + k]! + (k === 0 ? 0.02 : 0);
  crowded[4 * width + k] = 0;
}

interface Inputs<A> {
  readonly x: A;
  readonly z: A;
  readonly v: A;
}

async function results<A>(
  backend: Backend<A>,
  rows: Float32Array,
  body: (backend: Backend<A>, inputs: Inputs<A>) => Record<string, A>,
) {
  return backend.download(
    backend.scope(() =>
      body(backend, {
        x: backend.upload(x, [1, count, dim]),
        z: backend.upload(rows, [batch, count, width]),
        v: backend.upload(v, [batch, count, width]),
      }),
    ),
  );
}

/** Largest deviation in terms of the largest entry. */
function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  let worst = 0;
  for (let n = 0; n < expected.length; n++) {
    largest = Math.max(largest, Math.abs(expected[n]!));
    worst = Math.max(worst, Math.abs(actual[n]! - expected[n]!));
  }
  return largest === 0 ? worst : worst / largest;
}

const backends = {
  "as tensors, one tile": () => tensorBackend(tfjsPrimitives, { name: "tensors" }),
  "as tensors, many tiles": () => tensorBackend(tfjsPrimitives, { name: "tensors", tileBytes: 800 }),
  "on the host, one tile": () => tfjsBackend(),
  "on the host, many tiles": () => tfjsBackend({ tileBytes: 200 }),
};

describe.each(["cpu", "wasm"])("tfjs %s", (engine) => {
  beforeAll(async () => {
    await tf.setBackend(engine);
    await tf.ready();
  });

  describe.each(Object.entries(backends))("%s", (label, create) => {
    // As tensors, 1 − c of near pairs has float32's digits alone, and κ magnifies what is missing.
    const near = label.startsWith("as tensors") ? 2e-3 : 5e-4;

    it.each([
      ["apart", z, 0, 2e-5],
      ["apart, ε > 0", z, 1e-2, 2e-5],
      ["crowded", crowded, 0, near],
      ["crowded, ε > 0", crowded, 1e-2, 2e-3],
    ] as const)("pairwise, its gradient and its Hessian product: %s", async (_name, rows, normEpsilon, tolerance) => {
      for (const potential of potentials) {
        for (const space of spaces) {
          const body = <A>(backend: Backend<A>, inputs: Inputs<A>) => {
            const directions = backend.directions(inputs.z, normEpsilon);
            const { energy, gradient, saved } = backend.pairwise(directions, {
              potential,
              space,
              separationFloor: 0.01,
            });
            return { energy, gradient, product: backend.pairwiseProduct(saved, inputs.v) };
          };
          const expected = await results(reference, rows, body<ReferenceHandle>);
          const actual = await results(create(), rows, body<tf.Tensor>);
          for (const name of ["energy", "gradient", "product"] as const) {
            const context = `${name} ${JSON.stringify(potential)} ${space}`;
            expect(deviation(actual[name]!, expected[name]!), context).toBeLessThan(tolerance);
          }
        }
      }
    });

    it.each([
      ["apart", z, 0, 5e-5],
      ["apart, ε > 0", z, 1e-2, 5e-5],
      ["crowded", crowded, 0, 5e-4],
    ] as const)("mismatch, its gradient and its Hessian products: %s", async (_name, rows, normEpsilon, tolerance) => {
      for (const measure of ["angle", "cosine"] as const) {
        for (const form of ["mean", "root"] as const) {
          const body = <A>(backend: Backend<A>, inputs: Inputs<A>) => {
            const before = backend.directions(inputs.x, normEpsilon);
            const after = backend.directions(inputs.z, normEpsilon);
            const { loss, gradient, saved } = backend.mismatch(before, after, { measure, form, separationFloor: 0.01 });
            const product = backend.mismatchProduct(saved, inputs.v);
            return { loss, gradient, rows: product.rows, reference: product.reference };
          };
          const expected = await results(reference, rows, body<ReferenceHandle>);
          const actual = await results(create(), rows, body<tf.Tensor>);
          for (const name of ["loss", "gradient", "rows", "reference"] as const) {
            expect(deviation(actual[name]!, expected[name]!), `${name} ${measure} ${form}`).toBeLessThan(tolerance);
          }
        }
      }
    });

    it("linear operations", async () => {
      const columns = Int32Array.of(0, 1, 2, 2, -1, 10);
      const body = <A>(backend: Backend<A>, inputs: Inputs<A>) => {
        const largest = backend.reduce(backend.upload(Float32Array.of(1, 3, 3), [3]), "max");
        const mean = backend.reduce(backend.upload(Float32Array.of(1, 3, 5), [3]), "mean");
        const gathered = backend.gatherColumns(inputs.x, columns, 3);
        return {
          transposedA: backend.matmul(inputs.z, inputs.v, { transposeA: true }),
          shared: backend.matmul(inputs.x, inputs.z, { transposeA: true }),
          summed: backend.matmul(inputs.z, inputs.v, { transposeB: true, sumBatch: true }),
          summedA: backend.matmul(inputs.z, inputs.v, { transposeA: true, sumBatch: true }),
          summedLeft: backend.matmul(inputs.x, inputs.z, { transposeA: true, sumBatch: true }),
          summedRight: backend.matmul(inputs.z, inputs.x, { transposeA: true, sumBatch: true }),
          combined: backend.combine([
            [2, inputs.z],
            [-1, inputs.v],
          ]),
          gathered,
          scattered: backend.scatterColumns(gathered, columns, dim),
          max: largest.energy,
          first: largest.weights,
          mean: mean.energy,
          equal: mean.weights,
          scaled: backend.scaleBatch(inputs.z, largest.weights),
        };
      };
      const expected = await results(reference, z, body<ReferenceHandle>);
      const actual = await results(create(), z, body<tf.Tensor>);
      for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
        expect(actual[name]!.length, name).toBe(expected[name]!.length);
        expect(deviation(actual[name]!, expected[name]!), name).toBeLessThan(1e-6);
      }
    });
  });

  it("leaves no tensor behind", async () => {
    const body = <A>(backend: Backend<A>, inputs: Inputs<A>) => {
      const pair = { potential: potentials[4]!, space: "half", separationFloor: 0.01 } as const;
      return { energy: backend.pairwise(backend.directions(inputs.z, 0), pair).energy };
    };
    for (const create of Object.values(backends)) {
      await results(create(), z, body<tf.Tensor>);
      const before = tf.memory().numTensors;
      for (let n = 0; n < 5; n++) await results(create(), z, body<tf.Tensor>);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});
