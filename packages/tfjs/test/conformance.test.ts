/** The conformance suite on tfjs: the host path of cpu and wasm, and the tensor path that webgl, webgpu and node take. */
import { conformanceChecks, type Skip, testBackend } from "@comhe/conformance";
import type { Backend } from "@comhe/core";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, it } from "vitest";
import { tfjsBackend } from "../src/backend/tfjs-backend.js";
import { tfjsPrimitives } from "../src/backend/tfjs-primitives.js";
import { backends, useBackend } from "./support/backends.js";

const handles = () => tf.memory().numTensors;

interface Path {
  readonly make: (tileBytes?: number) => Backend<tf.Tensor>;
  readonly tolerance: Parameters<typeof testBackend>[0]["tolerance"];
  /** So few bytes that a handful of rows takes several tiles. */
  readonly tileBytes: number;
}

const paths: Readonly<Record<string, Path>> = {
  "on the host": {
    make: (tileBytes) => tfjsBackend({ tileBytes }),
    tolerance: { energy: 1e-5, gradient: 1e-4 },
    tileBytes: 200,
  },
  // Chords of close pairs are 1 − c there, which float32 rounds to 6e-8.
  "as tensors": {
    make: (tileBytes) => tensorBackend(tfjsPrimitives, { name: "tensors", tileBytes }),
    tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
    tileBytes: 800,
  },
};

const slowly: Skip = { what: "many rows", why: "wasm runs the same tensor operations ten times as fast" };

describe.each(backends)("tfjs %s", (engine) => {
  for (const [how, { make, tolerance, tileBytes }] of Object.entries(paths)) {
    const options = (name: string, bytes?: number) => ({
      name,
      create: async () => {
        await useBackend(engine);
        return make(bytes);
      },
      tolerance,
      handles,
      skip: engine === "cpu" && how === "as tensors" ? [slowly] : [],
    });
    testBackend(options(how));

    describe(`${how}, in many tiles`, () => {
      beforeAll(() => useBackend(engine));
      const tiled = conformanceChecks(options(`${how}, in many tiles`, tileBytes)).filter(({ name }) =>
        /^(pairwise|mismatch|objectives|awkward)/.test(name),
      );
      for (const check of tiled) it(check.name, () => check.run(make(tileBytes)).then(() => {}));
    });
  }
});
