import { EnergyError, type Projection } from "@comhe/core";

/** The energy of the neurons in `columns` random coordinates, new ones every `refresh` evaluations (0: never). */
export function randomCoordinates(columns: number, refresh = 1): Projection {
  return {
    kind: "random-coordinates",
    prepare({ dim, step, random }) {
      if (columns > dim) {
        throw new EnergyError(
          "invalid-config",
          `columns: expected at most ${dim}, the neurons' dimension, got ${columns}.`,
        );
      }
      const stream = random(refresh === 0 ? 0 : Math.floor(step / refresh));
      const order = Int32Array.from({ length: dim }, (_, column) => column);
      for (let n = 0; n < columns; n++) {
        const other = n + stream.below(dim - n);
        [order[n], order[other]] = [order[other], order[n]];
      }
      return { arrays: {}, indices: { columns: order.slice(0, columns) } };
    },
    compose({ backend, rows, indices, dim, at }) {
      const { energy, gradient } = at(backend.gatherColumns(rows, indices.columns, columns));
      return { energy, gradient: backend.scatterColumns(gradient, indices.columns, dim) };
    },
  };
}
