/**
 * WebAssembly is the fastest backend of TensorFlow.js that installs everywhere: `npm run bench` of this example times it
 * against the plain JavaScript one.
 */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { UserError } from "@comhe-examples/study-kit/worker";

export const BACKENDS = ["wasm", "cpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

export async function useBackend(name: BackendName): Promise<void> {
  // Without it tfjs advertises its native binding, which doesn't install everywhere, and checks every kernel's arguments.
  tf.enableProdMode();
  if (!(await tf.setBackend(name))) {
    throw new UserError(
      `TensorFlow.js can't start its "${name}" backend here. Expected one of: ${BACKENDS.join(", ")}.`,
    );
  }
  await tf.ready();
}
