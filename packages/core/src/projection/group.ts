/**
 * Groups of coordinates: each group is a projection onto its coordinates, and the energy the mean over groups.
 * Lin et al. 2020, "Group CoMHE". Groups of unequal size are padded with zero columns, which change no direction.
 */
import type { GroupProjection } from "../config/types.js";
import { EnergyError } from "../errors/energy-error.js";
import type { RandomStream } from "../random/random-stream.js";
import type { Projection } from "./projection.js";
import { refreshIndex } from "./refresh.js";

export function groupProjection({ groups, shuffle, refresh }: GroupProjection): Projection {
  return {
    kind: "group",
    prepare({ dim, step, random, previous }) {
      if (groups > dim) {
        throw new EnergyError(
          "invalid-config",
          `projection.groups: expected at most ${dim}, the dimension of the neurons; got ${groups}.`,
          { path: "projection.groups" },
        );
      }
      const index = shuffle ? refreshIndex(step, refresh) : 0;
      if (previous && (!shuffle || refreshIndex(previous.step, refresh) === index)) {
        if (countPlaced(previous.prepared.indices!.columns!) === dim) return previous.prepared;
      }
      return { arrays: {}, indices: { columns: groupColumns(dim, groups, shuffle ? random(index) : undefined) } };
    },
    compose({ backend, rows, indices, dim, at }) {
      const columns = indices.columns!;
      const grouped = at(backend.gatherColumns(rows, columns, columns.length / groups));
      const { energy, weights } = backend.reduce(grouped.energy, "mean");
      const gradient = backend.scatterColumns(backend.scaleBatch(grouped.gradient, weights), columns, dim);
      return { energy, gradient };
    },
    composeEnergy({ backend, rows, indices, energyAt }) {
      const columns = indices.columns!;
      const grouped = energyAt(backend.gatherColumns(rows, columns, columns.length / groups));
      return { energy: backend.reduce(grouped, "mean").energy };
    },
  };
}

/** C rows of column numbers, contiguous or shuffled, the first d mod C groups one longer; −1 pads the others. */
export function groupColumns(dim: number, groups: number, shuffle?: RandomStream): Int32Array {
  const order = Int32Array.from({ length: dim }, (_, column) => column);
  if (shuffle) {
    for (let last = dim - 1; last > 0; last--) {
      const other = shuffle.below(last + 1);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
  }
  const width = Math.ceil(dim / groups);
  const columns = new Int32Array(groups * width).fill(-1);
  let placed = 0;
  for (let g = 0; g < groups; g++) {
    const size = Math.floor(dim / groups) + (g < dim % groups ? 1 : 0);
    columns.set(order.subarray(placed, placed + size), g * width);
    placed += size;
  }
  return columns;
}

function countPlaced(columns: Int32Array): number {
  return columns.reduce((count, column) => count + (column >= 0 ? 1 : 0), 0);
}
