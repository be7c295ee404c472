/** Stands in for `packages/tfjs/test/support/backends.ts`: the same tests, on the native backend. */
import * as tf from "@tensorflow/tfjs";

export const backends = ["tensorflow"] as const;
export type BackendName = (typeof backends)[number];

/** Tests that ask for wasm by name get the native backend too. */
export async function useBackend(_name: string): Promise<void> {
  if (!(await tf.setBackend("tensorflow"))) throw new Error("the native backend failed to start");
  await tf.ready();
}
