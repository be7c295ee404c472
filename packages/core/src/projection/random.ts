/**
 * Random projections: the mean (or the largest) of the energies under C random matrices. Lin et al. 2020, "Random projection";
 * the authors' code: random_projection/architecture.py, `_add_thomson_project`.
 */
import type { RandomProjection } from "../config/types.js";
import { randomMatrices } from "../random/random-matrices.js";
import type { RandomStream } from "../random/random-stream.js";
import { drawSketch } from "../random/sketch.js";
import { finish, finishEnergy, finishSketch, finishSketchEnergy } from "./finish.js";
import type { Prepared, Projection } from "./projection.js";
import { refreshIndex } from "./refresh.js";

export function randomProjection(config: RandomProjection): Projection {
  const { refresh, reduce, share } = config;
  return {
    kind: "random",
    prepare({ dim, step, random, previous }) {
      const index = refreshIndex(step, refresh);
      if (previous && refreshIndex(previous.step, refresh) === index && dimOf(previous.prepared) === dim) {
        return previous.prepared;
      }
      return draw(config, dim, random(index, share));
    },
    compose: (context) =>
      context.sketch
        ? finishSketch(context, context.sketch, reduce)
        : finish(context, context.arrays.matrices!, reduce),
    composeEnergy: (context) =>
      context.sketch
        ? finishSketchEnergy(context, context.sketch, reduce)
        : finishEnergy(context, context.arrays.matrices!, reduce),
  };
}

function draw({ distribution, count, dimension }: RandomProjection, dim: number, stream: RandomStream): Prepared {
  const shape = [count, dimension, dim] as const;
  if (distribution === "hadamard" || distribution === "count-sketch") {
    return { arrays: {}, sketch: drawSketch(distribution, shape, stream) };
  }
  return { arrays: { matrices: randomMatrices(distribution, shape, stream) } };
}

function dimOf({ arrays, sketch }: Prepared): number {
  return sketch ? sketch.dim : arrays.matrices!.shape[2]!;
}
