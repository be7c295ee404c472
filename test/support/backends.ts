/** The backends the goldens are checked on. A new one is one more entry. */
import { type Backend, referenceBackend } from "@comhe/core";
import { gpujsBackend } from "@comhe/gpujs";
import { onnxBackend } from "@comhe/onnx";
import { tfjsBackend } from "@comhe/tfjs";
import { wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import * as ortNode from "onnxruntime-node";
import * as ortWeb from "onnxruntime-web";

export interface BackendUnderTest {
  readonly name: string;
  /** Handles differ from backend to backend. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests only pass handles from one operation to the next
  readonly create: () => Promise<Backend<any>>;
  /** Relative, of energies and of the max norm of gradients. */
  readonly tolerance: number;
}

async function tfjsOn(name: string) {
  await tf.setBackend(name);
  await tf.ready();
  return tfjsBackend();
}

export const backends: readonly BackendUnderTest[] = [
  { name: "reference", create: async () => referenceBackend(), tolerance: 1e-9 },
  { name: "wasm", create: async () => wasmBackend(), tolerance: 1e-4 },
  { name: "gpujs-cpu", create: () => gpujsBackend({ mode: "cpu" }), tolerance: 1e-4 },
  { name: "gpujs-webasm", create: () => gpujsBackend({ mode: "webasm" }), tolerance: 1e-4 },
  { name: "tfjs-cpu", create: () => tfjsOn("cpu"), tolerance: 1e-4 },
  { name: "tfjs-wasm", create: () => tfjsOn("wasm"), tolerance: 1e-4 },
  {
    name: "onnx-cpu",
    create: () =>
      onnxBackend({ runtime: ortNode, executionProviders: ["cpu"], sessionOptions: { intraOpNumThreads: 1 } }),
    tolerance: 1e-4,
  },
  {
    name: "onnx-wasm",
    create: () => {
      ortWeb.env.wasm.numThreads = 1;
      return onnxBackend({ runtime: ortWeb, executionProviders: ["wasm"] });
    },
    tolerance: 1e-4,
  },
];
