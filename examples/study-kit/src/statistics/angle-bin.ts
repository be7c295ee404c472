/** Index of the bin of equal width over 0–π that holds this angle; π belongs to the last. */
export function angleBin(theta: number, bins: number): number {
  return Math.min(bins - 1, Math.floor((theta / Math.PI) * bins));
}
