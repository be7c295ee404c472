/** tfjs on its wasm backend: ours, and autodiff of the published formulation. */
import { tfjsBackend } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { publishedEnergy } from "../peers/published-autodiff.js";
import { firstMatrices } from "../task/first-matrices.js";
import { exponent, randomProjectionOf, type Task } from "../task/task.js";
import { backendCandidate } from "./backend-candidate.js";
import { type Candidate, squareBytes } from "./candidate.js";

export const ourTfjs = backendCandidate({ name: "@comhe/tfjs on tfjs wasm", id: "tfjs", create: () => tfjsBackend() });

/** Arrays of all pairs that are there at once: all that autodiff makes, until the gradient is ready. */
const arrays = 18;
/** What wasm's 32-bit addresses reach. The engine doesn't survive asking for more. */
const addressable = 2 ** 32;

export const tfjsAutodiff: Candidate = {
  name: "tfjs autodiff, published formulation",
  id: "tfjs-autodiff",
  ours: false,
  squareArrays: (task) => squareBytes(task, arrays, false, true),
  addressable,
  async open(task) {
    const layers = task.layers.map((layer) => open(task, layer));
    const step = async (draw: boolean) => {
      const energies = [];
      const gradients = [];
      for (const { rows, valueAndGradient } of layers) {
        const { value, grad } = tf.tidy(() => valueAndGradient(draw)(rows));
        const [energy, gradient] = await Promise.all([value.data(), grad.data()]);
        energies.push(energy[0]!);
        gradients.push(gradient as Float32Array);
        tf.dispose([value, grad]);
      }
      return { energies, gradients };
    };
    return {
      run: async () => {
        await step(true);
        return undefined;
      },
      result: () => step(false),
      close: async () => {
        for (const { rows, matrices } of layers) tf.dispose([rows, ...matrices]);
      },
    };
  },
};

function open(task: Task, layer: Task["layers"][number]) {
  const { count, dim, data, spec } = layer;
  const random = randomProjectionOf(spec);
  const first = firstMatrices(task, layer);
  // Transposed once, since tfjs wasm multiplies a transposed operand slowly.
  const turned = (matrices: tf.Tensor) => tf.unstack(tf.transpose(matrices, [0, 2, 1])) as tf.Tensor2D[];
  const matrices = first ? tf.tidy(() => turned(tf.tensor(first.data, [...first.shape]))) : [];
  const energy = (rows: tf.Tensor2D) => publishedEnergy(rows, spec.space, exponent(spec));
  return {
    rows: tf.tensor2d(data, [count, dim]),
    matrices,
    /** `draw`: with new matrices, where the case redraws them. */
    valueAndGradient(draw: boolean) {
      const projections =
        random && draw && random.refresh > 0
          ? turned(tf.randomNormal([random.count, random.dimension, dim], 0, 1, "float32"))
          : matrices;
      return tf.valueAndGrad((x) => {
        const rows = x as tf.Tensor2D;
        if (projections.length === 0) return energy(rows);
        const energies = projections.map((matrix) => energy(tf.matMul(rows, matrix)));
        return tf.div(tf.addN(energies), projections.length) as tf.Scalar;
      });
    },
  };
}
