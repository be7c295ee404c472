/** The conformance suite on tfjs: the host path of cpu and wasm, and the tensor path that webgl, webgpu and node take. */
import { type Skip, testBackend } from "@comhe/conformance";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs";
import { tfjsBackend } from "../src/backend/tfjs-backend.js";
import { tfjsPrimitives } from "../src/backend/tfjs-primitives.js";
import { backends, useBackend } from "./support/backends.js";

const handles = () => tf.memory().numTensors;

for (const engine of backends) {
  testBackend({
    name: `tfjs ${engine}, on the host`,
    create: async () => {
      await useBackend(engine);
      return tfjsBackend();
    },
    tolerance: { energy: 1e-5, gradient: 1e-4 },
    handles,
  });

  const slowly: Skip = { what: "many rows", why: "wasm runs the same tensor operations ten times as fast" };
  testBackend({
    name: `tfjs ${engine}, as tensors`,
    create: async () => {
      await useBackend(engine);
      return tensorBackend(tfjsPrimitives, { name: "tensors" });
    },
    // Chords of close pairs are 1 − c there, which float32 rounds to 6e-8.
    tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
    handles,
    skip: engine === "cpu" ? [slowly] : [],
  });
}
