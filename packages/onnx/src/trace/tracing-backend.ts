/** The contract as a recorder: every operation is written down, none is done. */
import { type Backend, type Directions, EnergyError, type Saved, type Shape } from "@comhe/core";
import { hostObjective } from "@comhe/core/host-functions";
import { columnSources, hasTensorObjective } from "@comhe/core/tensor-backend";
import { sizeOf } from "../graph/value.js";
import { call, member, type Source, source, type Traced } from "./trace.js";

/** Directions know the call that made them. */
interface TracedDirections extends Directions<Traced> {
  readonly whole: Traced;
}

type Composing = Omit<Backend<Traced>, "download" | "dispose">;

export function tracingBackend(name: string): Composing {
  const positions = (index: Int32Array, label: string) => source(index, [index.length], label);
  const whole = (directions: Directions<Traced>) => (directions as TracedDirections).whole;
  return {
    specification: "v1",
    name,
    precision: "float32",
    bareFormula: false,
    upload(data, shape, label) {
      checkShape(data, shape, label);
      return source(data, shape, label);
    },
    scope: (body) => body(),
    matmul: (a, b, options = {}) => call("matmul", a, b, options),
    combine: (terms) => call("combine", terms),
    scaleBatch: (array, weights) => call("scaleBatch", array, weights),
    reduce(energies, how) {
      const reduced = call("reduce", energies, how);
      return { energy: member(reduced, "energy"), weights: member(reduced, "weights") };
    },
    gatherColumns: (array, index, columns) =>
      call("takeColumns", array, positions(index, "columns"), {
        batch: index.length / columns,
        padded: index.includes(-1),
      }),
    scatterColumns(array, index, dim) {
      const layers = columnSources(index, dim);
      const padded = layers.map((layer) => layer.includes(-1));
      return call(
        "returnColumns",
        array,
        layers.map((layer, n) => positions(layer, `positions${n || ""}`)),
        { padded },
      );
    },
    directions(rows, normEpsilon): TracedDirections {
      const made = call("directions", rows, normEpsilon);
      return { unit: member(made, "unit"), normEpsilon, whole: made };
    },
    pairwise: ((directions, { potential, space, separationFloor, population }, options) => {
      const pair = { potential, space, separationFloor, population };
      if (options?.gradient === false) return { energy: call("pairwiseEnergy", whole(directions), pair) };
      const done = call("pairwise", whole(directions), pair);
      return { energy: member(done, "energy"), gradient: member(done, "gradient"), saved: member(done, "saved") };
    }) as Composing["pairwise"],
    pairwiseProduct: (saved: Saved, vector) => call("pairwiseProduct", saved, vector),
    mismatch(reference, projected, { measure, form, separationFloor }) {
      const done = call("mismatch", whole(reference), whole(projected), { measure, form, separationFloor });
      return { loss: member(done, "loss"), gradient: member(done, "gradient"), saved: member(done, "saved") };
    },
    mismatchProduct(saved, vector) {
      const done = call("mismatchProduct", saved, vector);
      return { rows: member(done, "rows"), reference: member(done, "reference") };
    },
    objective(rows, task) {
      const { objective, space, separationFloor, normEpsilon } = task;
      if (!hasTensorObjective(objective) && rows.of.kind === "source" && isWhole(rows.of)) {
        // Computed on the host, where these rows are.
        const { data, shape } = rows.of;
        const { value, gradient } = hostObjective(data as Float32Array, shape, task);
        return { value: source(value, [value.length]), gradient: source(gradient, shape) };
      }
      const done = call("objective", rows, { objective, space, separationFloor, normEpsilon });
      return { value: member(done, "value"), gradient: member(done, "gradient") };
    },
  };
}

/** A source of a graph to be exported has a shape and no data. */
function isWhole({ data, shape }: Source): boolean {
  return data.length === sizeOf(shape);
}

function checkShape(data: ArrayLike<number>, shape: Shape, label = "array"): void {
  const size = sizeOf(shape);
  if (size === data.length) return;
  throw new EnergyError(
    "invalid-shape",
    `${label}: expected ${size} numbers for shape [${shape.join(", ")}], got ${data.length}.`,
  );
}
