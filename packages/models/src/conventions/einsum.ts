/**
 * Which axes of a factor of an Einstein sum are neurons: those that the result keeps. What is summed over with the other factor is what they
 * read, and what all three have is a stack of matrices. Keras' attention and its EinsumDense are exported so.
 */
import type { Layout } from "@comhe/core/layouts";

export interface EinsumPlace {
  /** How many leading axes are a stack's. */
  readonly stacked: number;
  /** Which axes of each matrix are neurons. */
  readonly layout: Layout;
}

/**
 * @param equation "bij,jk->bik"; without an arrow the result has the letters that occur once. Dots stand for axes that only the other factor has
 * @param input 0 or 1: which factor
 * @returns the reason where it is no matrix of neurons
 */
export function einsumPlace(equation: string, input: number, rank: number): EinsumPlace | string {
  const [left, right] = equation.replace(/\s/g, "").split("->");
  const factors = left!.split(",");
  const [own, other] = [factors[input], factors[1 - input]];
  if (factors.length !== 2 || own === undefined || other === undefined) return `"${equation}" isn't of two factors`;
  const all = factors.join("").replace(/\./g, "");
  const result = right ?? [...new Set(all)].filter((letter) => all.split(letter).length === 2).join("");
  const letters = [...own];
  if (own.includes(".") || new Set(letters).size < letters.length || letters.length !== rank) {
    return `"${equation}" doesn't tell its axes apart`;
  }
  const kept = letters.map((letter) => result.includes(letter));
  const summed = letters.map((letter) => other.includes(letter));
  if (kept.some((is, axis) => !is && !summed[axis])) return `"${equation}" sums over one of its axes alone`;
  const stacked = kept.filter((is, axis) => is && summed[axis]).length;
  if (kept.slice(0, stacked).some((is, axis) => !(is && summed[axis]))) {
    return `in "${equation}" its matrices don't lie one after another`;
  }
  const size = rank - stacked;
  const neurons = kept.slice(stacked).flatMap((is, axis) => (is ? [axis] : []));
  if (neurons.length === 0 || neurons.length === size) return `"${equation}" sums over none of its axes, or over all`;
  return { stacked, layout: layoutOf(neurons, size) };
}

function layoutOf(neurons: readonly number[], rank: number): Layout {
  if (neurons.length === 1 && neurons[0] === 0) return "neurons-first";
  return neurons.length === 1 && neurons[0] === rank - 1 ? "neurons-last" : { neuronAxes: neurons };
}
