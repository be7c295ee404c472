/**
 * Whether tfjs's WebGL computes in 16 bits, as it does where a device can't draw to float32 textures: Safari on iOS, some Androids. Between
 * 6e-8 and 65504 there is no room for energies: 1/r² of near neurons is larger, and the gradient of a pair, one of N² in a mean, is smaller.
 */
import { EnergyError } from "@comhe/core";
import * as tf from "@tensorflow/tfjs-core";

/** Of each backend object that was asked. */
const halves = new WeakMap<object, boolean>();

/** @throws EnergyError `unsupported` where it does */
export function refuseHalfFloat(active: string): void {
  if (active !== "webgl" || !isHalf()) return;
  throw new EnergyError(
    "unsupported",
    "TensorFlow.js computes in 16 bits here: this device's WebGL can't draw to float32 textures. Expected float32: energies overflow " +
      'beyond 65504, and their gradients vanish below 6e-8. Use another backend: await tf.setBackend("webgpu"), or "wasm".',
    { backend: active },
  );
}

function isHalf(): boolean {
  const backend = tf.backend();
  const known = halves.get(backend);
  if (known !== undefined) return known;
  // Large enough that tfjs doesn't compute it on the processor, as it does with small tensors.
  const [tiny] = tf.tidy(() => tf.mul(tf.fill([64, 64], 1e-8), tf.fill([64, 64], 1)).dataSync());
  const half = !(Math.abs(tiny! / 1e-8 - 1) < 0.01);
  halves.set(backend, half);
  return half;
}
