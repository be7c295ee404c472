/**
 * Weight normalization stores a matrix as directions and lengths: W = g·v/‖v‖, a length for each entry of one axis, or one
 * for all of it (Salimans, Kingma 2016, arXiv 1602.07868, eq. 2). Apart, g looks like neurons of one number each.
 *
 * PyTorch's names: `weight_g` and `weight_v`, or `parametrizations.weight.original0` and `original1`.
 */
import { sizeOf } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import type { Rule } from "./tensor-bag.js";

export const weightNorm: Rule = {
  name: "weight normalization",
  apply(bag) {
    for (const directions of bag) {
      const names = namesOf(directions.name);
      const lengths = names && bag.get(names.lengths);
      if (!names || !lengths?.floating || !directions.floating || bag.get(names.weight)) continue;
      const axis = axisOf(lengths.shape, directions.shape);
      if (axis === undefined) continue;
      bag.replace([directions.name, lengths.name], [normalized(names.weight, directions, lengths, axis)]);
    }
  },
};

function namesOf(directions: string): { lengths: string; weight: string } | undefined {
  const old = /^(.*)_v$/.exec(directions);
  if (old) return { lengths: `${old[1]}_g`, weight: old[1]! };
  const parametrized = /^(.*?)parametrizations\.([^.]+)\.original1$/.exec(directions);
  if (!parametrized) return undefined;
  const [, module, name] = parametrized;
  return { lengths: `${module}parametrizations.${name}.original0`, weight: `${module}${name}` };
}

/** The axis that has lengths of its own; −1 where all of the matrix has one; `undefined` where these are no lengths of it. */
function axisOf(lengths: readonly number[], shape: readonly number[]): number | undefined {
  if (shape.length < 2) return undefined;
  if (sizeOf(lengths) === 1) return -1;
  if (lengths.length !== shape.length) return undefined;
  const axis = lengths.findIndex((size) => size !== 1);
  return lengths.every((size, n) => (n === axis ? size === shape[n] : size === 1)) ? axis : undefined;
}

/** How many numbers are handled at once. */
const block = 2 ** 22;

function normalized(name: string, directions: StoredTensor, lengths: StoredTensor, axis: number): StoredTensor {
  const { shape } = directions;
  const count = sizeOf(shape);
  const channels = axis < 0 ? 1 : shape[axis]!;
  const inner = axis < 0 ? count : sizeOf(shape.slice(axis + 1));
  const channelOf = (position: number) => Math.floor(position / inner) % channels;
  /** Squares of numbers `from` … `to`, added up by their entry of the axis. */
  const squares = async (from: number, to: number) => {
    const sums = new Float64Array(channels);
    for (let first = from; first < to; first += block) {
      const values = await directions.read(first, Math.min(block, to - first));
      for (let n = 0; n < values.length; n++) sums[channelOf(first + n)]! += values[n]! ** 2;
    }
    return sums;
  };
  let all: Promise<Float64Array> | undefined;
  return {
    name,
    shape,
    dataType: directions.dataType,
    floating: true,
    inParts: directions.inParts,
    note: "weight normalization: g·v/‖v‖",
    async read(from, wanted) {
      // Rows have their own lengths; those of another axis take a pass over everything.
      if (axis !== 0) all ??= squares(0, count);
      const [first, last] = [Math.floor(from / inner) * inner, Math.ceil((from + wanted) / inner) * inner];
      const [sums, values, targets] = await Promise.all([
        all ?? squares(first, last),
        directions.read(from, wanted),
        lengths.read(0, channels),
      ]);
      return Float32Array.from(values, (value, n) => {
        const channel = channelOf(from + n);
        return sums[channel] === 0 ? 0 : (value * targets[channel]!) / Math.sqrt(sums[channel]!);
      });
    },
  };
}
