/**
 * What the keys of a config mean, in words, for the JSON Schema. They stand apart from the schemas that validate, so that a page which only computes
 * an energy doesn't download them.
 */
import type { EnergyConfig, Objective, Potential, ProjectionConfig } from "./types.js";

/** A key of the config, and the objects that may stand there, told by their kind. */
export interface KeyText {
  readonly about: string;
  readonly kinds?: Readonly<Record<string, KindText>>;
}

/** An object of one kind, and its keys. */
interface KindText {
  readonly about: string;
  readonly keys: Readonly<Record<string, string>>;
}

const distance =
  "The distance of two directions: the straight line between them (chordal), or their angle in radians (angular).";
const dimension = "k: the number of dimensions that neurons are projected to.";
const reduce = "Whether the mean of the energies under all matrices is taken, or the largest of them.";
const refresh = "After how many steps the projection is made anew; 1: at every step, 0: never.";

const innerSteps = {
  dimension,
  count: "C: the number of matrices; the energy is the mean over them.",
  steps: "How many gradient steps each evaluation takes on the projection.",
  learningRate: "The learning rate of the steps on the projection.",
  through: "Whether the gradient takes the projection as given (stopped), or flows back through the steps (unrolled).",
  initial: "The matrices before the first step, instead of drawn ones.",
};

export const matrixTexts: Readonly<Record<string, string>> = {
  data: "The numbers, row by row and matrix by matrix.",
  shape: "[k, d] for one matrix, [C, k, d] for C of them; d is the length of a neuron.",
};

/** A key whose objects have kinds: the compiler asks for words on every one. */
type KindsText<K extends string> = Required<KeyText> & { readonly kinds: Readonly<Record<K, KindText>> };

type KeyTexts = Readonly<Record<keyof EnergyConfig, KeyText>> & {
  readonly potential: KindsText<Potential["kind"]>;
  readonly objective: KindsText<Objective["kind"]>;
  readonly projection: KindsText<ProjectionConfig["kind"]>;
};

/** A function, since builders leave out one that isn't called, but not an object that is put together from others. */
export function keyTexts(): KeyTexts {
  return {
    potential: {
      about: "What a pair of neurons adds to the energy, as a function of their distance.",
      kinds: {
        riesz: {
          about: "The Riesz potential r^(−s) of the distance r between two directions; −log r at s = 0.",
          keys: { s: "The exponent s > −2. The larger it is, the more the nearest pairs count.", distance },
        },
        gaussian: {
          about: "The Gaussian potential exp(−t·‖x_i − x_j‖²), which is bounded.",
          keys: { t: "t > 0: the larger, the shorter the distance at which two neurons still feel each other." },
        },
        frame: {
          about: "The frame potential |⟨x_i, x_j⟩|^p of the cosine of two directions.",
          keys: { p: "The exponent p ≥ 2." },
        },
      },
    },
    objective: {
      about: "What another paper minimizes to spread neurons, instead of a potential.",
      kinds: {
        orthogonality: {
          about:
            "How far the neurons, as they are, lie from orthonormal: ‖WWᵀ − I‖², the same of the columns, or both.",
          keys: { side: "Whether rows, columns or both are to become orthonormal." },
        },
        coherence: {
          about: "Mutual coherence: how alike the two most similar neurons are.",
          keys: {
            norm: "The largest entry of |WWᵀ − I|, its largest row sum, or the largest |cosine| of two neurons.",
          },
        },
        "restricted-isometry": {
          about: "The spectral norm of WWᵀ − I or of WᵀW − I (SRIP).",
          keys: {
            side: "Whether WWᵀ − I is taken (rows), or WᵀW − I (columns).",
            estimate: "A few power iterations from a drawn vector, or an eigenvalue decomposition.",
            iterations: "How many products with the matrix the power iteration takes.",
            squared: "Whether the square of the norm is taken, as published.",
          },
        },
        "maximum-separation": { about: "Minus the distance of the two closest neurons (MHS).", keys: { distance } },
        "gram-determinant": {
          about: "−log det of the kernel exp(−γ‖x_i − x_j‖²) + ridge·I (MGD).",
          keys: {
            gamma: "γ > 0 in the kernel's exponent.",
            ridge: "What is added to the kernel's diagonal, so that coincident neurons stay finite.",
          },
        },
        uniformity: {
          about: "The logarithm of the mean of exp(−t‖x_i − x_j‖²) over pairs.",
          keys: { t: "t > 0 in the exponent." },
        },
      },
    },
    space: { about: "Whether neurons stand for points (full), or for lines through the origin (half)." },
    projection: {
      about: "The projection to few dimensions in which the energy is taken.",
      kinds: {
        none: { about: "The energy of the neurons themselves (MHE).", keys: {} },
        fixed: {
          about: "The energy under matrices of your own.",
          keys: { matrices: "The projection matrices.", reduce },
        },
        random: {
          about: "The energy under random matrices.",
          keys: {
            dimension,
            count: "C: the number of matrices.",
            distribution: "How the matrices are drawn.",
            refresh,
            reduce,
            share:
              "Whether each layer draws matrices of its own, or layers of one shape share them (as in the authors' code).",
          },
        },
        group: {
          about: "The mean energy of the neurons cut into groups of coordinates.",
          keys: {
            groups: "C: the number of groups, at most the length of a neuron.",
            shuffle: "Whether groups are drawn at random, instead of being neighbouring coordinates.",
            refresh: "After how many steps shuffled groups are drawn anew; 1: at every step, 0: never.",
          },
        },
        "angle-preserving": {
          about: "The energy under a projection that learns to preserve the angles between neurons.",
          keys: {
            ...innerSteps,
            measure: "What of two neurons is compared before and after the projection: their angle or its cosine.",
            form: "How the differences of all pairs become one number: the mean of their squares, or the root of the sum.",
          },
        },
        adversarial: {
          about: "The energy under a projection that learns to make it large.",
          keys: {
            ...innerSteps,
            ascentSpace: "The space of the energy that the steps ascend; left out: that of the energy itself.",
          },
        },
        bilateral: {
          about: "The mean of two energies: of the rows, and of the columns, projected to few dimensions.",
          keys: {
            rank: "r: the rank that the weights are projected to.",
            refresh,
            right: "The matrix P₁, r×d, given together with left; left out: drawn.",
            left: "The matrix P₂, N×r, given together with right; left out: drawn.",
          },
        },
        pca: {
          about: "The energy in the subspace of the first principal components of the directions.",
          keys: { dimension, refresh },
        },
      },
    },
    separationFloor: {
      about:
        "A distance of two directions: pairs that are closer continue along the potential's tangent, so that the energy stays finite. 0 asks for the bare formula.",
    },
    normEpsilon: { about: "ε ≥ 0 of √(‖w‖² + ε), by which each neuron w is divided to give its direction." },
    sample: {
      about:
        "How many neurons each evaluation takes, drawn anew, to estimate the energy of all; left out: all of them.",
    },
  };
}
