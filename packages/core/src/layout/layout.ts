/**
 * Which axes of a kernel count its neurons. A layout says it; nothing guesses. Rows of the neuron matrix follow the
 * neuron axes in order, columns the other axes in order.
 */
import type { FloatArray, Shape } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";
import { transpose } from "./transpose.js";

/**
 * Which axes of a kernel count its neurons.
 *
 * - `"neurons-first"`: axis 0. Embeddings `[N, d]`, ONNX Conv `[out, in, kh, kw]`.
 * - `"neurons-last"`: the last axis. Dense `[in, out]`, conv `[kh, kw, in, out]` (tfjs, HWIO).
 * - `"depthwise"`: the last two axes. Depthwise `[kh, kw, in, mult]`.
 * - `{ neuronAxes }`: any axes; negative ones count from the end. Transposed conv `[kh, kw, out, in]` is `[-2]`.
 */
export type Layout =
  | "neurons-first"
  | "neurons-last"
  | "depthwise"
  | {
      /** Which axes count the neurons, from 0 on; −1 is the last axis. */
      readonly neuronAxes: readonly number[];
    };

/** The weights of a layer, an array of any rank, row major. They are only read. */
export interface Kernel {
  /** The weights. A Float64Array is computed in float64: on the reference backend, where the one at hand computes in float32. */
  readonly data: FloatArray;
  /** The sizes of the axes, each at least 1; their product is the length of `data`. */
  readonly shape: Shape;
  /** Which axes count the neurons. May be left out for a matrix whose rows are neurons; a kernel of any other rank needs one. */
  readonly layout?: Layout | undefined;
}

/** A matrix whose rows are neurons, `[count, dim]`. */
export interface Neurons {
  /** The numbers, row by row. */
  readonly data: FloatArray;
  /** N: the number of neurons. */
  readonly count: number;
  /** d: the number of weights of a neuron. */
  readonly dim: number;
}

/** How a kernel of this shape turns into rows of neurons. */
export interface NeuronAxes {
  /** The shape of the kernel itself. */
  readonly shape: Shape;
  /** N, the number of neurons: the product of the sizes of the neuron axes. */
  readonly count: number;
  /** d, the number of weights of a neuron: the product of the sizes of the other axes. */
  readonly dim: number;
  /** The neuron axes, counted from 0. */
  readonly axes: readonly number[];
  /** All axes of the kernel in the order in which rows of neurons have them: the neuron axes first. */
  readonly permutation: readonly number[];
  /** Whether the kernel's data already are rows of neurons, so that `permutation` moves nothing. */
  readonly identity: boolean;
}

/**
 * How a kernel of this shape and layout turns into rows of neurons; nothing is guessed.
 *
 * @throws EnergyError `invalid-shape` where the layout doesn't fit the shape, or is missing for a kernel that isn't a matrix
 */
export function neuronAxes(shape: Shape, layout: Layout | undefined): NeuronAxes {
  const rank = shape.length;
  const shown = `[${shape.join(", ")}]`;
  if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new EnergyError("invalid-shape", `Expected a shape of positive whole numbers, got ${shown}.`);
  }
  // A config from JSON may say null.
  if ((layout ?? null) === null && rank !== 2) {
    throw new EnergyError(
      "invalid-shape",
      `Expected shape [neurons, dimension], got ${shown}. For a kernel say which axes are neurons: layout ` +
        '"neurons-first", "neurons-last", "depthwise" or { neuronAxes: [...] }.',
    );
  }
  const axes = namedAxes(layout ?? "neurons-first", ` for a kernel of shape ${shown}`).map((axis) =>
    axis < 0 ? axis + rank : axis,
  );
  const fits = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  if (!fits || axes.length === 0 || new Set(axes).size !== axes.length || axes.length >= rank) {
    throw new EnergyError(
      "invalid-shape",
      `Layout ${JSON.stringify(layout)} doesn't fit a kernel of shape ${shown}: expected distinct neuron axes among ` +
        `its ${rank} and at least one axis left for the weights of a neuron.`,
    );
  }
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const permutation = [...axes, ...others];
  const product = (of: readonly number[]) => of.reduce((total, axis) => total * shape[axis]!, 1);
  return {
    shape,
    count: product(axes),
    dim: product(others),
    permutation,
    axes,
    identity: permutation.every((axis, position) => axis === position),
  };
}

/**
 * Refuses what is no layout at all, before there is a kernel to compare it with, and returns what is one. Whether a layout fits a kernel,
 * {@link neuronAxes} says.
 *
 * @throws EnergyError `invalid-shape` for anything but the layouts there are
 */
export function checkLayout(layout: Layout): Layout {
  namedAxes(layout, "");
  return layout;
}

/** @param of says of what, in the error's message */
function namedAxes(layout: Layout, of: string): readonly number[] {
  if (layout === "neurons-first") return [0];
  if (layout === "neurons-last") return [-1];
  if (layout === "depthwise") return [-2, -1];
  if (typeof layout === "object" && layout !== null && Array.isArray(layout.neuronAxes)) return layout.neuronAxes;
  throw new EnergyError(
    "invalid-shape",
    `Unknown layout ${JSON.stringify(layout)}${of}: expected "neurons-first", ` +
      '"neurons-last", "depthwise" or { neuronAxes: [...] }.',
  );
}

/**
 * The kernel's neurons as the rows of a matrix. Where the kernel's data already are such rows, they are returned themselves, not a copy.
 *
 * @throws EnergyError `invalid-shape` where the layout doesn't fit the shape, or is missing for a kernel that isn't a matrix
 */
export function toNeurons({ data, shape, layout }: Kernel): Neurons {
  const axes = neuronAxes(shape, layout);
  const { count, dim } = axes;
  return { data: rowsOf(data, axes), count, dim };
}

/**
 * Rows of neurons (a gradient, say) back in the order of the kernel: the inverse of {@link toNeurons}. Where nothing moves, `rows` is returned
 * itself, not a copy.
 *
 * @param rows `[N, d]`
 * @param shape of the kernel
 * @param layout of the kernel
 * @throws EnergyError `invalid-shape` where the layout doesn't fit the shape, or is missing for a kernel that isn't a matrix
 */
export function fromNeurons(rows: FloatArray, shape: Shape, layout: Layout | undefined): FloatArray {
  return kernelOf(rows, neuronAxes(shape, layout));
}

/**
 * Does what {@link toNeurons} does, for many kernels of one shape whose axes are worked out once.
 *
 * @param data the kernel's numbers
 * @param axes what {@link neuronAxes} says of the kernel's shape
 * @param into where the rows are to be written; default: a new array, or `data` itself where nothing moves
 */
export function rowsOf(data: FloatArray, axes: NeuronAxes, into?: FloatArray): FloatArray {
  if (!axes.identity) return permute(data, axes, "forward", into ?? alike(data), 1);
  if (!into) return data;
  into.set(data);
  return into;
}

/**
 * Does what {@link fromNeurons} does, for many kernels of one shape, and multiplies by a number on the way.
 *
 * @param rows `[N, d]`
 * @param axes what {@link neuronAxes} says of the kernel's shape
 * @param times what every number is multiplied by; default 1
 * @param into where the kernel is to be written; default: a new array, or `rows` itself where nothing moves and the number is 1
 */
export function kernelOf(rows: FloatArray, axes: NeuronAxes, times = 1, into?: FloatArray): FloatArray {
  if (!axes.identity) return permute(rows, axes, "back", into ?? alike(rows), times);
  if (times === 1 && !into) return rows;
  const scaled = into ?? alike(rows);
  for (let n = 0; n < scaled.length; n++) scaled[n] = times * rows[n]!;
  return scaled;
}

function alike(data: FloatArray): FloatArray {
  return data instanceof Float64Array ? new Float64Array(data.length) : new Float32Array(data.length);
}

/** Transposes `data` so that axis `permutation[n]` of the kernel becomes axis n, times a number; `back` undoes it. */
function permute(
  data: FloatArray,
  { shape, permutation }: NeuronAxes,
  direction: "forward" | "back",
  result: FloatArray,
  times: number,
): FloatArray {
  if (permutation.every((axis, position) => axis === (position + shape.length - 1) % shape.length)) {
    // The last axis first: a plain transpose, which every training step of a layer does.
    const last = shape[shape.length - 1]!;
    const [columns, rows] = direction === "forward" ? [last, data.length / last] : [data.length / last, last];
    return transpose(data, rows, columns, result, times);
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((total, size) => total * size, 1));
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const position = sizes.map(() => 0);
  let source = 0;
  for (let target = 0; target < data.length; target++) {
    if (direction === "forward") result[target] = times * data[source]!;
    else result[source] = times * data[target]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      position[axis]!++;
      source += steps[axis]!;
      if (position[axis]! < sizes[axis]!) break;
      source -= steps[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}
