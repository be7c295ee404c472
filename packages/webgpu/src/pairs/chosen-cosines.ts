/** Cosines of chosen pairs, the nearest and the most similar ones: of near pairs from differences, which have the digits. */
import type { Engine } from "../device/engine.js";
import { chosenPairsKernel } from "../kernels/statistics-rows.js";
import type { DeviceDirections } from "./directions.js";
import type { Table } from "./table.js";

/** Below this 2 − 2|c| the cosine has lost digits; as in core's collector. */
const nearChordSquared = 1e-2;

/** @param pairs i and j of each, rows of the entry, one behind the other */
export async function chosenCosines(
  engine: Engine,
  { normEpsilon, inverseNorm }: DeviceDirections,
  { x, rows, quads, count }: Table,
  entry: number,
  pairs: Uint32Array,
): Promise<Float64Array> {
  const size = pairs.length / 2;
  if (size === 0) return new Float64Array(0);
  const { found } = await engine.download(
    engine.scope(() => {
      const result = engine.make([size, 2]);
      engine.run(chosenPairsKernel(normEpsilon === 0), {
        arrays: { x, pairs: engine.write(pairs, [size, 2]), inverse: inverseNorm, result },
        parameters: {
          quads,
          first_quad: entry * rows * quads,
          first_row: entry * count,
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
