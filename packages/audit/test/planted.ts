/** Models in memory whose faults are known. */
import { randomStream } from "@comhe/core";
import type { LayerSource, ModelContents } from "@comhe/models";

/** Normal numbers, the same for the same name. */
export const normal = (name: string, count: number, dim: number): Float32Array =>
  randomStream(1, name, 0).fillNormal(new Float32Array(count * dim));

export function layerOf(name: string, data: Float32Array, dim: number, more: Partial<LayerSource> = {}): LayerSource {
  return {
    ...{ name, kind: "matrix", layout: "neurons-first", dataType: "float32" },
    shape: [data.length / dim, dim],
    read: async () => data,
    ...more,
  };
}

export function modelOf(layers: readonly LayerSource[], path = "memory.safetensors"): ModelContents {
  return { path, format: "memory", layers, skipped: [], notes: [], close: async () => {} };
}

/** A model with 7 copies of a token, 3 dead neurons, a row with NaN, a collapsed head, and two layers that are sound. */
export function plantedModel(): ModelContents {
  const dim = 32;
  const tokens = normal("tokens", 400, dim);
  for (const row of [17, 60, 61, 200, 311, 399]) tokens.copyWithin(row * dim, 5 * dim, 6 * dim);
  const dead = normal("dead", 64, dim);
  for (const row of [3, 30, 63]) dead.fill(0, row * dim, (row + 1) * dim);
  const broken = normal("broken", 48, dim);
  broken[9 * dim + 4] = Number.NaN;
  // Neurons of a collapsed head all lie near one plane.
  const head = new Float32Array(32 * dim);
  const plane = normal("plane", 2, dim);
  const weights = normal("weights", 32, 2);
  const noise = normal("noise", 32, dim);
  for (let row = 0; row < 32; row++) {
    for (let k = 0; k < dim; k++) {
      head[row * dim + k] =
        weights[2 * row]! * plane[k]! + weights[2 * row + 1]! * plane[dim + k]! + 0.05 * noise[row * dim + k]!;
    }
  }
  const names = Array.from({ length: 400 }, (_, row) => `token ${row}`);
  return modelOf([
    layerOf("embed.weight", tokens, dim, { rowNames: async () => names }),
    layerOf("mlp.up.weight", dead, dim),
    layerOf("mlp.down.weight", broken, dim),
    layerOf("attn.head.weight", head, dim),
    layerOf("sound.0.weight", normal("sound 0", 64, dim), dim),
    layerOf("sound.1.weight", normal("sound 1", 20, dim), dim),
  ]);
}
