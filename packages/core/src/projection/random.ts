/** Random projections: the mean (or the largest) of the energies under C random matrices. Lin et al. 2020, section 4.1. */
import type { RandomProjection } from "../config/types.js";
import { randomMatrices } from "../random/random-matrices.js";
import { finish } from "./finish.js";
import type { Projection } from "./projection.js";
import { refreshIndex } from "./refresh.js";

export function randomProjection({ dimension, count, distribution, refresh, reduce }: RandomProjection): Projection {
  return {
    kind: "random",
    prepare({ dim, step, random, previous }) {
      const index = refreshIndex(step, refresh);
      if (previous && refreshIndex(previous.step, refresh) === index) {
        if (previous.prepared.arrays.matrices!.shape[2] === dim) return previous.prepared;
      }
      return { arrays: { matrices: randomMatrices(distribution, [count, dimension, dim], random(index)) } };
    },
    compose: (context) => finish(context, context.arrays.matrices!, reduce),
  };
}
