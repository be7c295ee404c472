/**
 * Structured projections beside the dense one they replace: 64 neurons under 5 matrices to 40 dimensions, forth and back, on one
 * thread of the host. `npx vitest bench` in packages/core; the dense product grows with d·k, the others with d·log d and d.
 */
import { bench, describe } from "vitest";
import { referenceBackend } from "../reference/reference-backend.js";
import { randomMatrices } from "./random-matrices.js";
import { randomStream } from "./random-stream.js";
import { applySketch, applySketchBack, drawSketch } from "./sketch.js";

const [count, neurons, dimension] = [5, 64, 40];
const backend = referenceBackend();
const options = { time: 400, iterations: 3, warmupTime: 100, warmupIterations: 1 };

for (const dim of [576, 2304, 9216]) {
  const shape = [count, dimension, dim] as const;
  const normal = (length: number) => Float64Array.from(randomStream(1, "rows", 0).fillNormal(new Float32Array(length)));
  const rows = normal(neurons * dim);
  const projected = normal(count * neurons * dimension);

  describe(`d = ${dim}`, () => {
    const { data } = randomMatrices("gaussian", shape, randomStream(1, "", 0));
    const [w, p, y] = [
      backend.upload(rows, [1, neurons, dim]),
      backend.upload(data, shape),
      backend.upload(projected, [count, neurons, dimension]),
    ];
    bench(
      "gaussian, dense",
      () => {
        backend.matmul(w, p, { transposeB: true });
        backend.matmul(y, p, { sumBatch: true });
      },
      options,
    );
    for (const kind of ["hadamard", "count-sketch"] as const) {
      const sketch = drawSketch(kind, shape, randomStream(1, "", 0));
      bench(
        kind,
        () => {
          applySketch(sketch, rows);
          applySketchBack(sketch, projected);
        },
        options,
      );
    }
  });
}
