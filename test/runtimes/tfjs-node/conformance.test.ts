/** The conformance suite on the native CPU library, in the tensor form that tfjs-node-gpu takes too. */
import { testBackend } from "@comhe/conformance";
import * as tf from "@tensorflow/tfjs";
import { tfjsBackend } from "../../../packages/tfjs/src/index.js";
import { useBackend } from "./backends.js";

testBackend({
  name: "tfjs-node",
  create: async () => {
    await useBackend("tensorflow");
    return tfjsBackend();
  },
  // As the tensor path's elsewhere: chords of close pairs are 1 − c there, which float32 rounds to 6e-8.
  tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
  handles: () => tf.memory().numTensors,
});
