/** The bins of the angle that narrow cells of the cosine belong to, by which `assembly/angles.ts` counts pairs. */

/** Cells from −1 to 1, and on both sides those of cosines that are rounded beyond; as there. */
const [cells, beyond] = [4096, 64];
/** More than a cosine is rounded by as its cell is found. */
const rounding = 1e-6;

/**
 * Of each cell the bin that all of its cosines are in; where they may be in several, −1 − the first of them.
 *
 * @param edges cosines between the bins, descending: a cosine is in bin b where exactly b of them are ≥ it
 */
export function binsOfCells(edges: Float64Array): Int32Array {
  const bins = new Int32Array(cells + 2 * beyond);
  let [first, last] = [edges.length, edges.length];
  for (let n = 0; n < bins.length; n++) {
    const smallest = (2 * (n - beyond)) / cells - 1 - rounding;
    const largest = (2 * (n - beyond + 1)) / cells - 1 + rounding;
    while (first > 0 && edges[first - 1]! < largest) first--;
    while (last > 0 && edges[last - 1]! < smallest) last--;
    bins[n] = first === last ? first : -1 - first;
  }
  return bins;
}
