/** Every projection strategy, in the forms that take different paths through a backend. */
import type { ComposeContext, ProjectionInput, Projection as Strategy } from "@comhe/core";
import { normalRows } from "./rows.js";

export interface NamedStrategy {
  readonly name: string;
  readonly projection: ProjectionInput;
  /** Whether the gradient is the energy's whole derivative, so that differences must give it. */
  readonly exact: boolean;
}

/** The neurons of the strategies' cases. */
export const [strategyCount, strategyDim] = [7, 9];

const matrices = { data: normalRows(71, 15, strategyDim).data, shape: [3, 5, strategyDim] as const };

const distributions = ["gaussian", "orthogonal", "rademacher", "sparse", "hadamard", "count-sketch"] as const;
const reductions = ["mean", "max"] as const;
const throughs = ["stopped", "unrolled"] as const;

const learned = { dimension: 6, count: 2, steps: 2, learningRate: 0.02 } as const;

/** A strategy of a user's own: the rows as they are and turned by a drawn matrix, which it hands back to be kept. */
const own: Strategy = {
  kind: "own",
  prepare: ({ dim, random, kept }) => {
    const drawn = () => random(0).fillNormal(new Float32Array(dim * dim));
    return { arrays: { matrix: kept?.matrix ?? { data: drawn(), shape: [1, dim, dim] } } };
  },
  compose<A>({ backend, rows, dim, arrays, at }: ComposeContext<A>) {
    const matrix = arrays.matrix!;
    const plain = at(rows);
    const turned = at(backend.matmul(rows, matrix, { transposeB: true }));
    const energy = backend.combine([
      [0.25, plain.energy],
      [0.75, turned.energy],
    ]);
    const gradient = backend.combine([
      [0.25, plain.gradient],
      [0.75, backend.matmul(turned.gradient, matrix)],
    ]);
    return { energy, gradient, keep: { matrix: { array: matrix, shape: [1, dim, dim] } } };
  },
};

const given = (name: string, projection: ProjectionInput): NamedStrategy => ({ name, projection, exact: true });

export const strategies: readonly NamedStrategy[] = [
  given("none", { kind: "none" }),
  ...reductions.map((reduce) => given(`fixed, ${reduce}`, { kind: "fixed", matrices, reduce })),
  ...distributions.flatMap((distribution) =>
    reductions.map((reduce) =>
      given(`random ${distribution}, ${reduce}`, { kind: "random", dimension: 8, count: 3, distribution, reduce }),
    ),
  ),
  given("group, contiguous", { kind: "group", groups: 2 }),
  given("group, shuffled", { kind: "group", groups: 2, shuffle: true }),
  ...throughs.flatMap((through) => [
    ...(["angle", "cosine"] as const).flatMap((measure) =>
      (["mean", "root"] as const).map((form) => ({
        name: `angle-preserving ${measure} ${form}, ${through}`,
        projection: { kind: "angle-preserving", ...learned, measure, form, through } as const,
        exact: through === "unrolled",
      })),
    ),
    ...([undefined, "full", "half"] as const).map((ascentSpace) => ({
      name: `adversarial${ascentSpace ? ` in ${ascentSpace} space` : ""}, ${through}`,
      projection: { kind: "adversarial", ...learned, through, ascentSpace } as const,
      exact: through === "unrolled",
    })),
  ]),
  given("adversarial, three steps, unrolled", { kind: "adversarial", ...learned, steps: 3, through: "unrolled" }),
  given("bilateral", { kind: "bilateral", rank: 6 }),
  { name: "pca", projection: { kind: "pca", dimension: 4 }, exact: false },
  given("of one's own", own),
];
