/** What each function of the goldens is in terms of this project. */
import type { EnergyConfig, Potential, Space } from "@comhe/core";
import type { GoldenArray, GoldenCase, GoldenExpectation } from "./golden-file.js";

/** How an energy of ours turns into the value and gradient in the file. */
export interface GoldenRun {
  readonly config: EnergyConfig;
  readonly expected: GoldenExpectation;
  /** Whether the gradient in the file is that of this config. */
  readonly withGradient: boolean;
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

const runs: Readonly<Record<string, (golden: GoldenCase, expected: GoldenExpectation) => Run>> = {
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
  // Where the ascent has led, as a fixed matrix: all of it but the ascent, and the gradient through it.
  adversarial: ({ params }, { projectionAfter }) => ({
    config: {
      potential: potential(params),
      space: params.outer_space as Space,
      projection: { kind: "fixed", matrices: matrix(projectionAfter as GoldenArray) },
    },
    withGradient: params.unrolled === false,
  }),
  // log of the mean of exp(−t·u): a check of the gaussian potential.
  uniformity: ({ params }) => ({
    config: { potential: { kind: "gaussian", t: params.t as number }, space: params.space as Space },
    logarithm: true,
  }),
};

/** Functions checked as operations of the backend contract. */
export const operations = ["angle_loss", "angle_loss_code"] as const;

/** Functions of the file that this project doesn't have (yet), and why. */
export const arriving: Readonly<Record<string, string>> = {
  angle_comhe_code: "arrives with the angle-preserving strategy",
  bilateral: "arrives with the bilateral strategy",
  so_rows: "arrives with the regularizers of others, for comparison",
  so_cols: "arrives with the regularizers of others, for comparison",
  dso: "arrives with the regularizers of others, for comparison",
  mc_max: "arrives with the regularizers of others, for comparison",
  mc_rowsum: "arrives with the regularizers of others, for comparison",
  coherence: "arrives with the regularizers of others, for comparison",
  srip: "arrives with the regularizers of others, for comparison",
  srip_exact: "arrives with the regularizers of others, for comparison",
  mhs: "arrives with the regularizers of others, for comparison",
  mgd: "arrives with the regularizers of others, for comparison",
};

/** What can't be checked at all, and why; `undefined` if it can. */
export function unrepresentable({ params }: GoldenCase, convention: Convention): string | undefined {
  const isAuthorsAngle = convention === "reference" && params.distance === "angular";
  return isAuthorsAngle ? "the authors' angle/π + 1e-4 isn't a potential of ours" : undefined;
}

export const runnable = Object.keys(runs);

export function goldenRun(golden: GoldenCase, convention: Convention): GoldenRun | undefined {
  const expected = golden[convention];
  if (!expected || !(golden.fn in runs)) return undefined;
  const { config, withGradient = true, logarithm = false } = runs[golden.fn](golden, expected);
  const isReference = convention === "reference";
  return {
    config: isReference ? { ...config, normEpsilon: authorsEpsilon } : config,
    expected,
    withGradient,
    // The authors' logarithm is that of the squared chord.
    multiple: isReference && golden.params.s === 0 ? 2 : 1,
    logarithm,
  };
}
