/** What an exported file says about itself. */
import type { EnergySpec } from "@comhe/core";
import type { ModelText } from "../graph/named-value.js";
import type { ModelShape } from "./model-shape.js";

/** By input or output. */
const descriptions: Readonly<Record<string, string>> = {
  weights:
    "Neurons as rows, [count, dim]: finite, of any length. A row of zeros has no direction and gets no gradient.",
  matrices: "Projection matrices, [C, k, dim]: the energy is that of the rows of weights times matrices[c] transposed.",
  right: "Bilateral projection from the right, [1, r, dim].",
  left: "Bilateral projection from the left, [1, count, r].",
  columns: "Which columns of weights form the groups, one group after the other; -1 stands for a column of zeros.",
  positions: "The inverse of columns: for each column of weights, its place among columns.",
  energy: "Hyperspherical energy: a mean over pairs of neurons, without dimension, not multiplied with any weight.",
  gradient: "The derivative of energy with respect to weights, [count, dim].",
  matrices_next: "The projection matrices after this step: the input matrices of the next one.",
};

export function describeSource(name: string): string {
  return descriptions[name] ?? `The projection's array "${name}".`;
}

export function describeModel(spec: EnergySpec, { count, dim }: ModelShape): Pick<ModelText, "doc" | "metadata"> {
  const { potential, objective, space, projection } = spec;
  const what = potential
    ? `of ${JSON.stringify(potential)} in ${space} space`
    : `objective ${JSON.stringify(objective)}`;
  return {
    doc:
      `Hyperspherical energy and its gradient, ${what}, projection "${projection.kind}". ` +
      "MHE: Liu et al. 2018, arXiv 1805.09298. CoMHE: Lin et al. 2020, arXiv 1906.04892. " +
      "Computed in float32, totals in float64, in blocks of rows: no array of all pairs is made.",
    metadata: {
      "comhe.spec": JSON.stringify(spec, withoutMatrices),
      "comhe.count": count === undefined ? "any" : String(count),
      "comhe.dim": dim === undefined ? "any" : String(dim),
    },
  };
}

/** Matrices are in the graph. */
function withoutMatrices(_: string, value: unknown): unknown {
  const isMatrix = typeof value === "object" && value !== null && "data" in value && "shape" in value;
  return isMatrix ? { shape: value.shape } : value;
}
