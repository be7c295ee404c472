/** Walks the pairs i < j of every batch entry in square tiles, whose arrays stay in the nearest cache. */
import type { PairSpec } from "../backend/backend.js";
import { coincidenceFunction, dependsOnAntipode, pairFunction } from "../energy/pair-function.js";
import type { PotentialTerms } from "../energy/terms.js";
import { type Chords, chordsOf } from "./chords.js";
import { coincidence } from "./coincidence.js";
import type { HostTensor } from "./host-tensor.js";
import type { HostDirections } from "./normalize.js";
import { addProduct, type Block, rowProducts } from "./products.js";

/** Rows and columns of a tile: 18 KB of float64. */
const tileSize = 48;

/** Rows count through the whole batch. */
export interface PairTile {
  readonly batch: number;
  readonly first: number;
  readonly height: number;
  readonly firstColumn: number;
  readonly width: number;
  /** Rows and columns are the same neurons. */
  readonly diagonal: boolean;
}

export function* pairTiles(batch: number, count: number): Generator<PairTile> {
  for (let b = 0; b < batch; b++) {
    const end = (b + 1) * count;
    for (let first = b * count; first < end; first += tileSize) {
      const height = Math.min(tileSize, end - first);
      for (let firstColumn = first; firstColumn < end; firstColumn += tileSize) {
        const width = Math.min(tileSize, end - firstColumn);
        yield { batch: b, first, height, firstColumn, width, diagonal: first === firstColumn };
      }
    }
  }
}

/** One number for each pair of a tile; what lies outside the pairs is left as it was. */
export type TileArray = Float64Array;

export function tileArray(): TileArray {
  return new Float64Array(tileSize * tileSize);
}

/** Where a tile's array holds the pair of row `first + i` and column `firstColumn + j`. */
export function tileIndex(i: number, j: number): number {
  return i * tileSize + j;
}

/** Products of the rows of `a` with those of `b`, of one shape: for the pairs, and for more where that is quicker. */
export function tileProducts(out: TileArray, tile: PairTile, a: HostTensor, b: HostTensor, upper: boolean): void {
  const block: Block = { data: out, start: 0, stride: tileSize, rows: tile.height };
  rowProducts(
    block,
    rowBlock(a, tile.first, tile.height),
    rowBlock(b, tile.firstColumn, tile.width),
    a.shape[2]!,
    upper,
  );
}

/** `sum`_i += Σ_j c_ij x_j and `sum`_j += Σ_i c_ij x_i over the pairs. Completes the array to a symmetric one. */
export function addTileProducts(sum: HostTensor, tile: PairTile, coefficients: TileArray, x: HostTensor): void {
  const { first, height, firstColumn, width, diagonal } = tile;
  if (diagonal) mirror(coefficients, height);
  const dim = x.shape[2]!;
  const rows = rowBlock(sum, first, height);
  const along = { data: coefficients, start: 0, rowStride: tileSize, columnStride: 1 };
  addProduct(rows, along, rowBlock(x, firstColumn, width), dim);
  if (diagonal) return;
  const across = { data: coefficients, start: 0, rowStride: 1, columnStride: tileSize };
  addProduct(rowBlock(sum, firstColumn, width), across, rowBlock(x, first, height), dim);
}

function mirror(array: TileArray, size: number): void {
  for (let i = 0; i < size; i++) {
    array[tileIndex(i, i)] = 0;
    for (let j = 0; j < i; j++) array[tileIndex(i, j)] = array[tileIndex(j, i)]!;
  }
}

function rowBlock({ data, shape }: HostTensor, first: number, rows: number): Block {
  const stride = shape[2]!;
  return { data, start: first * stride, stride, rows };
}

/** ψ with its derivatives at a pair. `at`: its place in the tile's arrays. */
export type PairVisitor = (at: number, i: number, j: number, terms: PotentialTerms, near: Chords["near"]) => void;

/** Makes a function that visits the pairs of a tile, given their cosines. */
export function pairVisits(directions: HostDirections, pair: PairSpec) {
  const twoSided = pair.space === "half" || dependsOnAntipode(pair.potential);
  const psi = pairFunction(pair);
  const coincides = pair.separationFloor === 0 ? coincidenceFunction(pair) : undefined;
  const terms: PotentialTerms = { value: 0, slope: 0, curvature: 0 };
  const chord: Chords = { u: 0, v: 0, near: 0 };
  const count = directions.unit.shape[1]!;

  return (tile: PairTile, cosines: TileArray, visit: PairVisitor): void => {
    const { batch, first, height, firstColumn, width, diagonal } = tile;
    for (let row = 0; row < height; row++) {
      const i = first + row;
      for (let column = diagonal ? row + 1 : 0; column < width; column++) {
        const at = tileIndex(row, column);
        const j = firstColumn + column;
        const { u, v, near } = chordsOf(cosines[at]!, directions, i, j, twoSided, chord);
        if (coincides?.(u, v)) throw coincidence(i - batch * count, j - batch * count, u < v);
        visit(at, i, j, psi(u, v, terms), near);
      }
    }
  };
}
