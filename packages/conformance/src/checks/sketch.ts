/** Structured projections against the dense matrices they stand for, where the backend offers them. */

import { type Backend, randomStream, referenceBackend, type Sketch } from "@comhe/core";
import { assertWithin } from "../compare/assert.js";
import { readResults, uploadRows } from "../compare/operation.js";
import { inner, maxNorm } from "../compare/vectors.js";
import { normalRows } from "../inputs/rows.js";
import { type Case, type CheckFamily, NotOffered } from "../suite/check.js";
import type { Tolerances } from "../suite/options.js";

/** d padded to 16 for `hadamard`; its three matrices need two transforms. */
const [count, dimension, dim, neurons] = [3, 8, 9, 5];

const signs = (length: number) => randomStream(41, "conformance", 0).fillSigns(new Float32Array(length));

const sketches: readonly Sketch[] = [
  {
    kind: "hadamard",
    ...{ count, dimension, dim },
    signs: signs(2 * 16),
    index: Int32Array.of(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 15, 0, 7, 8, 3, 4, 12, 11),
  },
  {
    kind: "count-sketch",
    ...{ count, dimension, dim },
    signs: signs(count * dim),
    index: Int32Array.from({ length: count * dim }, (_, n) => (5 * n * n + n) % dimension),
  },
];

export function sketchChecks(tolerances: Tolerances): CheckFamily {
  const toCase = (sketch: Sketch): Case => ({
    name: sketch.kind,
    async run(backend) {
      if (!backend.sketch || !backend.sketchBack) throw new NotOffered("sketches: core makes the matrices dense");
      const actual = await project(backend, sketch);
      const expected = await project(referenceBackend(), sketch);
      for (const name of ["projected", "back"] as const) {
        const allowed = tolerances.linear(backend.precision) * maxNorm(expected[name]);
        assertWithin(actual[name], expected[name], allowed, name);
      }
      const adjoint = inner(actual.projected, onProjected.data) - inner(actual.back, rows.data);
      assertWithin([adjoint], [0], 100 * tolerances.linear(backend.precision), "⟨Y, S(W)⟩ − ⟨S*(Y), W⟩");
    },
  });
  return { name: "sketch and sketchBack, where offered", cases: sketches.map(toCase) };
}

const rows = normalRows(42, neurons, dim);
const onProjected = normalRows(43, neurons, dimension, count);

function project<A>(backend: Backend<A>, sketch: Sketch) {
  return readResults(backend, (on) => ({
    projected: on.sketch!(uploadRows(on, rows), sketch),
    back: on.sketchBack!(uploadRows(on, onProjected), sketch),
  }));
}
