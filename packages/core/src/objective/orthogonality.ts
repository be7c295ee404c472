/**
 * Soft orthogonality: how far the raw rows (or columns) are from orthonormal. Bansal et al. 2018 (arXiv 1810.09102),
 * sections 3.1 (SO) and 3.2 (DSO).
 *
 * WWᵀ and WᵀW have the same eigenvalues but for zeros, so that ‖WWᵀ − I_N‖² − N = ‖WᵀW − I_d‖² − d, and both have the
 * same gradient: one pass over the smaller Gram matrix gives every side.
 */
import type { OrthogonalityObjective } from "../config/types.js";
import { addTileProduct, forEachGramTile } from "./gram-tiles.js";
import { type Result, type Rows, transposed } from "./rows.js";

/** What `side` adds to the smaller side's ‖G − I‖²_F, and how often that counts. */
export function orthogonalitySides(side: OrthogonalityObjective["side"], count: number, dim: number) {
  const smaller = Math.min(count, dim);
  if (side === "double") return { times: 2, constant: count + dim - 2 * smaller };
  return { times: 1, constant: (side === "rows" ? count : dim) - smaller };
}

/**
 * f = ‖WWᵀ − I‖²_F, ∂f/∂W = 4(WWᵀ − I)W; f = ‖WᵀW − I‖²_F, ∂f/∂W = 4W(WᵀW − I); or their sum.
 *
 * 4·N·d·min(N, d) flops; memory for a tile.
 */
export function orthogonality(rows: Rows, { side }: OrthogonalityObjective): Result {
  const flat = rows.count <= rows.dim;
  const { data, count, dim } = flat ? rows : transposed(rows);
  const { times, constant } = orthogonalitySides(side, rows.count, rows.dim);
  const gradient = new Float64Array(data.length);
  let sum = 0;
  forEachGramTile(data, count, dim, (tile) => {
    const { entries, height, width, first, second } = tile;
    const isDiagonal = first === second;
    if (isDiagonal) for (let i = 0; i < height; i++) entries[i * width + i]! -= 1;
    let squares = 0;
    for (let n = 0; n < height * width; n++) squares += entries[n]! ** 2;
    sum += isDiagonal ? squares : 2 * squares;
    addTileProduct(tile, data, dim, 4 * times, gradient);
  });
  return { value: times * sum + constant, gradient: flat ? gradient : transposed({ data: gradient, count, dim }).data };
}
