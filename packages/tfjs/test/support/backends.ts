/** The tfjs backends the tests run on. */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";

export const backends = ["cpu", "wasm"] as const;
export type BackendName = (typeof backends)[number];

export async function useBackend(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs backend ${name} failed to start`);
  await tf.ready();
}
