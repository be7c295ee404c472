/** What each function of the goldens is in terms of this project. */
import type { EnergyConfig, Potential, Space } from "@comhe/core";
import type { GoldenArray, GoldenCase, GoldenExpectation } from "./golden-file.js";

/** How an energy of ours turns into the value and gradient in the file. */
export interface GoldenRun {
  readonly config: EnergyConfig;
  readonly expected: GoldenExpectation;
  /** Inner steps that a projection takes. */
  readonly steps: number;
  /** 2 where the file holds twice our energy. */
  readonly multiple: number;
  /** The file holds the logarithm of our energy. */
  readonly logarithm: boolean;
}

export type Convention = "exact" | "reference";

/** ε of the authors' code. */
const authorsEpsilon = 1e-4;

type Run = Pick<GoldenRun, "config"> & Partial<GoldenRun>;

const matrix = ({ data, shape }: GoldenArray) =>
  ({ data: Array.from(data), shape: shape.length === 2 ? [1, ...shape] : shape }) as {
    data: number[];
    shape: [number, number, number];
  };

function potential({ s, distance }: GoldenCase["params"]): Potential {
  return { kind: "riesz", s: s as number, distance: distance === "angular" ? "angular" : "chordal" };
}

const orthogonality = (side: "rows" | "columns" | "double") => (): Run => ({
  config: { objective: { kind: "orthogonality", side } },
});
const coherence = (norm: "max" | "row-sum" | "cosine") => (): Run => ({
  config: { objective: { kind: "coherence", norm } },
});

const runs: Readonly<Record<string, (golden: GoldenCase) => Run | readonly Run[]>> = {
  mhe: ({ params }) => ({ config: { potential: potential(params), space: params.space as Space } }),
  comhe_rp: ({ params, inputs }) => ({
    config: {
      potential: potential(params),
      space: params.space as Space,
      projection: { kind: "fixed", matrices: matrix(inputs.Ps), reduce: params.reduce as "mean" | "max" },
    },
  }),
  group: ({ params }) => ({
    config: {
      potential: potential(params),
      space: params.space as Space,
      projection: { kind: "group", groups: params.C as number },
    },
  }),
  adversarial: ({ params, inputs }) => ({
    config: {
      potential: potential(params),
      space: params.outer_space as Space,
      projection: {
        kind: "adversarial",
        steps: params.m as number,
        learningRate: params.lr as number,
        through: params.unrolled ? "unrolled" : "stopped",
        ascentSpace: params.inner_space as Space,
        initial: matrix(inputs.P),
      },
    },
    // Each step multiplies the rounding of the one before.
    steps: params.m as number,
  }),
  // The authors' angle-preserving strategy: one unrolled step, half space.
  angle_comhe_code: ({ params, inputs }) => ({
    config: {
      potential: potential(params),
      space: "half",
      projection: {
        kind: "angle-preserving",
        steps: 1,
        learningRate: params.lr as number,
        measure: "cosine",
        form: "root",
        through: params.unrolled ? "unrolled" : "stopped",
        initial: matrix(inputs.P),
      },
    },
    steps: 1,
  }),
  bilateral: ({ params, inputs }) => ({
    config: {
      potential: potential(params),
      space: params.space as Space,
      projection: { kind: "bilateral", rank: params.r as number, right: matrix(inputs.P1), left: matrix(inputs.P2) },
    },
    // The file holds the sum of the two energies, ours is their mean.
    multiple: 2,
  }),
  uniformity: ({ params }) => [
    { config: { objective: { kind: "uniformity", t: params.t as number }, space: params.space as Space } },
    // Its exponential is the energy of the gaussian potential.
    {
      config: { potential: { kind: "gaussian", t: params.t as number }, space: params.space as Space },
      logarithm: true,
    },
  ],
  so_rows: orthogonality("rows"),
  so_cols: orthogonality("columns"),
  dso: orthogonality("double"),
  mc_max: coherence("max"),
  mc_rowsum: coherence("row-sum"),
  coherence: coherence("cosine"),
  srip_exact: () => ({
    config: { objective: { kind: "restricted-isometry", estimate: "exact", squared: false } },
  }),
  mhs: ({ params }) => ({
    config: {
      objective: { kind: "maximum-separation", distance: params.distance === "angular" ? "angular" : "chordal" },
      space: params.space as Space,
    },
  }),
  mgd: ({ params }) => ({
    config: {
      objective: { kind: "gram-determinant", gamma: params.gamma as number, ridge: 0 },
      space: params.space as Space,
    },
  }),
};

/** Functions checked as operations of the backend contract, in golden-operations.test.ts: their inputs can't be stated in a config. */
export const operations = ["angle_loss", "angle_loss_code", "srip"] as const;

/** What can't be checked at all, and why; `undefined` if it can. */
export function unrepresentable({ params }: GoldenCase, convention: Convention): string | undefined {
  const isAuthorsAngle = convention === "reference" && params.distance === "angular";
  return isAuthorsAngle ? "the authors' angle/π + 1e-4 isn't a potential of ours" : undefined;
}

export const runnable = Object.keys(runs);

export function goldenRuns(golden: GoldenCase, convention: Convention): readonly GoldenRun[] {
  const expected = golden[convention];
  if (!expected || !(golden.fn in runs)) return [];
  const isReference = convention === "reference";
  return [runs[golden.fn](golden)].flat().map(({ config, steps = 0, multiple = 1, logarithm = false }) => ({
    config: isReference ? { ...config, normEpsilon: authorsEpsilon } : config,
    expected,
    steps,
    // The authors' logarithm is that of the squared chord.
    multiple: isReference && golden.params.s === 0 ? 2 * multiple : multiple,
    logarithm,
  }));
}
