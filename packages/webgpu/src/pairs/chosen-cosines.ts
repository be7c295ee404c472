/** Cosines of chosen pairs, the nearest and the most similar ones: of near pairs from differences, which have the digits. */
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { chosenPairsKernel } from "../kernels/statistics-rows.js";

/** Below this 2 − 2|c| the cosine has lost digits; as in core's collector. */
const nearChordSquared = 1e-2;

interface Rows {
  /** Padded rows of one entry, and 1/ρ of each. */
  readonly x: DeviceArray;
  readonly inverse: DeviceArray;
  /** Quads of a padded row. */
  readonly quads: number;
}

/** @param pairs i and j of each, rows of the section, one behind the other */
export async function chosenCosines(
  engine: Engine,
  { x, inverse, quads }: Rows,
  normEpsilon: number,
  pairs: Uint32Array,
): Promise<Float64Array> {
  const size = pairs.length / 2;
  if (size === 0) return new Float64Array(0);
  const { found } = await engine.download(
    engine.scope(() => {
      const result = engine.make([size, 2]);
      engine.run(chosenPairsKernel(normEpsilon === 0), {
        arrays: { x, pairs: engine.write(pairs, [size, 2]), inverse, result },
        parameters: {
          quads,
          root: Math.sqrt(normEpsilon),
        },
        groups: [size, 1, 1],
        work: 40 * size * quads,
      });
      return { found: result };
    }),
  );
  return Float64Array.from({ length: size }, (_, n) => {
    const [product, rest] = [found[2 * n]!, found[2 * n + 1]!];
    return rest < nearChordSquared ? Math.sign(product) * (1 - rest / 2) : product;
  });
}
