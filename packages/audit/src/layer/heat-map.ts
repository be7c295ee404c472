/** Cosines of a layer's neurons as a picture shows them: similar neurons side by side. */
import type { FloatArray } from "@comhe/core";

const mostNeurons = 96;

/**
 * At most 96 neurons, evenly spaced over the layer, in the order of a walk that always goes to the most similar neuron left.
 */
export function heatMap(unit: FloatArray, live: Uint8Array, dim: number): { size: number; cosines: number[] } | null {
  const alive = [...live.keys()].filter((row) => live[row] === 1);
  const size = Math.min(mostNeurons, alive.length);
  if (size < 2) return null;
  const chosen = Array.from({ length: size }, (_, n) => alive[Math.floor((n * alive.length) / size)]!);
  const cosine = (a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += unit[a * dim + k]! * unit[b * dim + k]!;
    return sum;
  };
  const gram = chosen.map((a) => chosen.map((b) => cosine(a, b)));
  const left = new Set(chosen.keys());
  const order: number[] = [];
  let at = 0;
  while (left.size > 0) {
    left.delete(at);
    order.push(at);
    let next = -1;
    for (const other of left) if (next < 0 || gram[at]![other]! > gram[at]![next]!) next = other;
    at = next;
  }
  const cosines = order.flatMap((row) => order.map((column) => Number(gram[row]![column]!.toFixed(3))));
  return { size, cosines };
}
