/** The conformance suite on tfjs: the host path of cpu and wasm, and the tensor path that webgl, webgpu and node take. */
import { conformanceChecks, oneOfEachKind, testBackend } from "@comhe/conformance";
import { tensorBackend } from "@comhe/core/tensor-backend";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, it } from "vitest";
import { tfjsBackend } from "../src/backend/tfjs-backend.js";
import { tfjsPrimitives } from "../src/backend/tfjs-primitives.js";
import { type BackendName, backends, useBackend } from "./support/backends.js";

const onHost = (engine: BackendName, tileBytes?: number) => ({
  name: `tfjs ${engine}, on the host`,
  create: async () => {
    await useBackend(engine);
    return tfjsBackend({ tileBytes });
  },
  tolerance: { energy: 1e-5, gradient: 1e-4 },
  handles: () => tf.memory().numTensors,
});

/** On wasm, which runs the same tensor operations faster than cpu. */
const asTensors = (tileBytes?: number) => ({
  name: "tfjs wasm, as tensors",
  create: async () => {
    await useBackend("wasm");
    return tensorBackend(tfjsPrimitives, { name: "tensors", tileBytes });
  },
  // Chords of close pairs are 1 − c there, which float32 rounds to 6e-8.
  tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
  handles: () => tf.memory().numTensors,
});

/** What happens on the host is the same there, and on wasm it runs whole; of tfjs's cpu it takes its transfers and products. */
const ofCpu =
  process.env.COMHE_ALL_CHECKS === "1" ? undefined : { names: oneOfEachKind, why: "all of them by npm run test:all" };

for (const engine of backends) testBackend({ ...onHost(engine), part: engine === "cpu" ? ofCpu : undefined });
testBackend(asTensors());

/** So few bytes that a handful of rows takes several tiles, several rows each. */
describe.each([
  ["on the host", onHost("wasm", 200)],
  ["as tensors", asTensors(800)],
])("in many tiles, %s", (_, options) => {
  beforeAll(() => useBackend("wasm"));
  const tiled = conformanceChecks(options).filter(({ name }) => /^(pairwise|mismatch) and .*, (apart|near)/.test(name));
  for (const check of tiled) it(check.name, async () => void (await check.run(await options.create())));
});
