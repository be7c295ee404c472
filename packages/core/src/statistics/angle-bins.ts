/**
 * Bins of the angle found from cosines: an arc cosine for every pair would cost more than everything else. The edges are cosines, in
 * descending order, and a table over narrow cells of the cosine says in which bin to begin comparing.
 */

/**
 * Cosines of the edges between k equal bins of the angle from 0 to π: cos(bπ/k), b = 1 … k−1. A cosine c is in bin b where exactly b of
 * them are ≥ c. The cosines of 60°, 90° and 120° are exact, as no other rational angle's are (Niven 1956): pairs of one-hot rows lie on
 * them.
 */
export function angleEdges(bins: number): Float64Array {
  return Float64Array.from({ length: bins - 1 }, (_, n) => {
    const b = n + 1;
    if (2 * b === bins) return 0;
    if (3 * b === bins) return 0.5;
    if (3 * b === 2 * bins) return -0.5;
    return Math.cos((b * Math.PI) / bins);
  });
}

/** The {@link angleEdges}, each rounded down to float32: a float32 cosine is at most the rounded edge exactly where it is at most the edge itself. */
export function float32AngleEdges(bins: number): Float32Array {
  return Float32Array.from(angleEdges(bins), roundDown);
}

function roundDown(edge: number): number {
  const nearest = Math.fround(edge);
  if (nearest <= edge) return nearest;
  const bits = new Int32Array(Float32Array.of(nearest).buffer);
  // Away from 0 where it is negative, towards it where it is positive.
  bits[0]! += nearest > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
}

/** Cells of the cosine from −1 to 1. */
const cosineCells = 4096;

/** For each cell the bin of its largest cosine, that of the smallest angle: the bin of any cosine in it is that one or one of the next. */
function firstBins(edges: ArrayLike<number>): Int32Array {
  const first = new Int32Array(cosineCells);
  let bin = edges.length;
  for (let cell = 0; cell < cosineCells; cell++) {
    // A little more than the cell's end, since a cosine may be rounded into the cell below.
    const largest = (2 * (cell + 1)) / cosineCells - 1 + 1e-6;
    while (bin > 0 && edges[bin - 1]! < largest) bin--;
    first[cell] = bin;
  }
  return first;
}

/** Makes a function that finds the bin of a cosine. */
export function angleBinOf(bins: number): (cosine: number) => number {
  const edges = angleEdges(bins);
  const first = firstBins(edges);
  return (cosine) => {
    let cell = ((cosine + 1) * (cosineCells / 2)) | 0;
    if (cell < 0) cell = 0;
    else if (cell >= cosineCells) cell = cosineCells - 1;
    let bin = first[cell]!;
    while (bin < bins - 1 && cosine <= edges[bin]!) bin++;
    return bin;
  };
}
