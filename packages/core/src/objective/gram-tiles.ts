/** Inner products of all pairs of rows in square tiles, so that nothing N×N is kept. */

const tileSize = 64;

/** Inner products of the rows `first` … with the rows `second` …, row major. */
export interface GramTile {
  readonly first: number;
  readonly second: number;
  readonly height: number;
  readonly width: number;
  /** Overwritten by the next tile. The visitor may change it. */
  readonly entries: Float64Array;
}

/** Visits the tiles on and above the diagonal; those on it are whole, both triangles. `rows`: `[count, dim]`. */
export function forEachGramTile(rows: Float64Array, count: number, dim: number, visit: (tile: GramTile) => void): void {
  const entries = new Float64Array(tileSize * tileSize);
  for (let first = 0; first < count; first += tileSize) {
    const height = Math.min(tileSize, count - first);
    for (let second = first; second < count; second += tileSize) {
      const width = Math.min(tileSize, count - second);
      const tile = { first, second, height, width, entries };
      multiplyRows(rows, dim, tile);
      visit(tile);
    }
  }
}

/** Four columns at once: each entry of the left row is read once for four products. */
function multiplyRows(rows: Float64Array, dim: number, { first, second, height, width, entries }: GramTile): void {
  for (let i = 0; i < height; i++) {
    const left = (first + i) * dim;
    let j = 0;
    for (; j + 4 <= width; j += 4) {
      const right = (second + j) * dim;
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let k = 0; k < dim; k++) {
        const value = rows[left + k]!;
        a += value * rows[right + k]!;
        b += value * rows[right + dim + k]!;
        c += value * rows[right + 2 * dim + k]!;
        d += value * rows[right + 3 * dim + k]!;
      }
      entries[i * width + j] = a;
      entries[i * width + j + 1] = b;
      entries[i * width + j + 2] = c;
      entries[i * width + j + 3] = d;
    }
    for (; j < width; j++) {
      const right = (second + j) * dim;
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += rows[left + k]! * rows[right + k]!;
      entries[i * width + j] = sum;
    }
  }
}

/** out += scale·S·rows, where the tile's entries are those of a symmetric S: an off-diagonal tile serves both sides. */
export function addTileProduct(
  { first, second, height, width, entries }: GramTile,
  rows: Float64Array,
  dim: number,
  scale: number,
  out: Float64Array,
): void {
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const entry = scale * entries[i * width + j]!;
      if (entry === 0) continue;
      const left = (first + i) * dim;
      const right = (second + j) * dim;
      for (let k = 0; k < dim; k++) out[left + k]! += entry * rows[right + k]!;
      if (first === second) continue;
      for (let k = 0; k < dim; k++) out[right + k]! += entry * rows[left + k]!;
    }
  }
}
