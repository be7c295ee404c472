/** Up and down: every number as it was, in memory of its own. */
import type { Backend, FloatArray } from "@comhe/core";
import { assertIdentical } from "../compare/assert.js";
import { readResults } from "../compare/operation.js";
import { normalRows } from "../inputs/rows.js";
import type { CheckFamily } from "../suite/check.js";

const rows = normalRows(1, 3, 5, 2);

export function transferChecks(): CheckFamily {
  return {
    name: "upload and download",
    cases: [
      {
        name: "float32, of rank 3 and 1, many at once and by name",
        async run(backend) {
          const read = await readResults(backend, (on) => ({
            whole: on.upload(rows.data, [2, 3, 5], "whole"),
            part: on.upload(rows.data.subarray(5, 20), [1, 3, 5]),
            energies: on.upload(rows.data.subarray(0, 4), [4], "energies"),
            single: on.upload(Float32Array.of(-0.25), [1, 1, 1]),
          }));
          assertIdentical(read.whole, rows.data, "whole");
          assertIdentical(read.part, rows.data.subarray(5, 20), "a view into a longer buffer");
          assertIdentical(read.energies, rows.data.subarray(0, 4), "energies");
          assertIdentical(read.single, [-0.25], "single");
        },
      },
      {
        name: "float64, rounded where the backend computes in float32",
        async run(backend) {
          const data = Float64Array.from(rows.data, (value) => value / 3);
          const read = await readResults(backend, (on) => ({ data: on.upload(data, [2, 3, 5]) }));
          assertIdentical(read.data, backend.precision === "float64" ? data : Float32Array.from(data), "data");
        },
      },
      {
        name: "the ends of the number range",
        async run(backend) {
          const data = Float32Array.of(3e38, -3e38, 2e-38, -2e-38, 0, 2 ** 24, 1 + 2 ** -23, -1);
          const read = await readResults(backend, (on) => ({ data: on.upload(data, [1, 2, 4]) }));
          assertIdentical(read.data, data, "data");
        },
      },
      {
        name: "nothing uploaded: nothing read",
        async run(backend) {
          const read = await backend.download({});
          assertIdentical(Object.keys(read).map(Number), [], "names");
        },
      },
      {
        name: "what was read is the caller's",
        async run(backend) {
          const source = rows.data.slice();
          const first = await readCombined(backend, source);
          const kept = first.slice();
          first.fill(7);
          source.fill(8);
          const second = await readCombined(backend, rows.data);
          assertIdentical(second, kept, "read again");
          await readCombined(backend, source);
          assertIdentical(second, kept, "after another call");
        },
      },
    ],
  };
}

async function readCombined<A>(backend: Backend<A>, data: Float32Array): Promise<FloatArray> {
  const { doubled } = await readResults(backend, (on) => ({ doubled: on.combine([[2, on.upload(data, [2, 3, 5])]]) }));
  return doubled;
}
