/**
 * Maximum hyperspherical separation (MHS), Tammes' problem: the distance of the two closest neurons, to be made as large as
 * possible. Liu et al. 2021 (arXiv 2103.01649). Only the closest pair has a gradient; of several closest ones,
 * the first. In half space a pair's distance is the smaller one of x_j and −x_j.
 */
import type { MaximumSeparationObjective } from "../config/types.js";
import { measureFunction } from "../energy/pair-function.js";
import type { PotentialTerms } from "../energy/terms.js";
import { type Chords, chords } from "../reference/chords.js";
import { coincidence } from "../reference/coincidence.js";
import type { HostDirections } from "../reference/normalize.js";
import { forEachGramTile } from "./gram-tiles.js";
import type { Result, Rows, TaskOptions } from "./rows.js";

/** Cosines beyond it are taken from differences, as chords are. */
const nearCosine = 0.995;

/** The squared chord up to which two neurons coincide: (1e-14)², what rounding in float64 leaves of 0; as in `energy/pair-function.ts`. */
const coincidentChordSquared = 1e-28;

/**
 * Chordal f = −√u, ∂f/∂c = 1/√u; angular f = −θ, ∂f/∂c = 1/sin θ; ∂f/∂x_i = ∂f/∂c·x_j of *directions*. Below the separation
 * floor both continue along their tangent in u, so that a coincidence is finite (and its gradient 0). One neuron: 0 in
 * full space, minus the distance to its antipode in half space.
 *
 * @param of the batch that `rows` are the entry `batch` of
 * @throws EnergyError `coincident-neurons` with floor 0
 */
export function maximumSeparation(
  rows: Rows,
  { distance }: MaximumSeparationObjective,
  { space, separationFloor }: TaskOptions,
  of: HostDirections,
  batch: number,
): Result {
  const { data, count, dim } = rows;
  const gradient = new Float64Array(data.length);
  const half = space === "half";
  if (count === 1) return { value: half ? (distance === "angular" ? -Math.PI : -2) : 0, gradient };

  const offset = batch * count;
  const chord: Chords = { u: 0, v: 0, near: 0 };
  const gap = (i: number, j: number) => {
    const { u, v } = chords(of, offset + i, offset + j, half, chord);
    return half ? Math.min(u, v) : u;
  };
  let closest = { gap: Number.POSITIVE_INFINITY, i: 0, j: 1 };
  forEachGramTile(data, count, dim, ({ first, second, height, width, entries }) => {
    for (let row = 0; row < height; row++) {
      for (let column = first === second ? row + 1 : 0; column < width; column++) {
        const [i, j] = [first + row, second + column];
        const cosine = half ? Math.abs(entries[row * width + column]!) : entries[row * width + column]!;
        const found = cosine > nearCosine ? gap(i, j) : 2 - 2 * cosine;
        const isFirst = found === closest.gap && (i < closest.i || (i === closest.i && j < closest.j));
        if (found < closest.gap || isFirst) closest = { gap: found, i, j };
      }
    }
  });

  const { i, j } = closest;
  const { u, v, near } = chords(of, offset + i, offset + j, half, chord);
  const mirrored = half && v < u;
  const [shorter, longer] = mirrored ? [v, u] : [u, v];
  if (separationFloor === 0 && shorter <= coincidentChordSquared) throw coincidence(i, j, !mirrored);
  const terms = distanceTerms(distance, separationFloor)(shorter, longer, { value: 0, slope: 0, curvature: 0 });
  // d/dc of the distance to −x_j is that to x_j, the sign turned.
  const slope = mirrored ? terms.slope : -terms.slope;
  for (let k = 0; k < dim; k++) {
    const [xi, xj] = [data[i * dim + k]!, data[j * dim + k]!];
    gradient[i * dim + k]! += slope * (xj - near * xi);
    gradient[j * dim + k]! += slope * (xi - near * xj);
  }
  return { value: -terms.value, gradient };
}

/** The distance and its derivative in c. Only coincidence matters to it, so that only u has a floor. */
function distanceTerms(
  distance: MaximumSeparationObjective["distance"],
  separationFloor: number,
): (u: number, v: number, out: PotentialTerms) => PotentialTerms {
  if (distance === "angular") return measureFunction({ measure: "angle", form: "mean", separationFloor });
  const floor = separationFloor ** 2;
  return (u, _v, out) => {
    const raised = Math.max(u, floor);
    out.slope = -1 / Math.sqrt(raised);
    out.value = Math.sqrt(raised) + out.slope * 0.5 * (raised - u);
    return out;
  };
}
