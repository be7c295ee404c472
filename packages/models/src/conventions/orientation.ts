/**
 * Which axes of a bare tensor are neurons: by what its format knows, else by its bias, else by its family's matrices, else by its
 * name, else by its format's order: TensorFlow's has neurons on the last axis, and everybody else is taken to follow PyTorch, whose neurons are on the first axis: Linear `[out, in]`, Conv `[out, in, kh, kw]`, Embedding
 * `[N, d]`. Whatever was followed is said in the note; `--layout` changes it.
 */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { Role } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { type BiasEvidence, biasEvidence } from "./by-bias.js";
import { type FamilyEvidence, familyEvidence } from "./by-family.js";
import { nameEvidence } from "./by-name.js";
import type { RuleContext, TensorBag } from "./tensor-bag.js";
import { isEmbedding, parseName } from "./tensor-names.js";

export interface Orientation {
  readonly kind: string;
  readonly layout: Layout;
  readonly role?: Role | undefined;
  readonly readBy?: string | undefined;
  readonly note?: string | undefined;
  /** The shape that `layout` is about, where it isn't the tensor's: the same numbers in other axes. */
  readonly shape?: Shape | undefined;
}

/** Looks once at all tensors, and then at one after another. */
export function orientations(bag: TensorBag, context: RuleContext): (tensor: StoredTensor) => Orientation {
  const family = familyEvidence(bag, context);
  return (tensor) => tensor.known ?? orientationOf(bag, tensor, family(tensor));
}

function orientationOf(bag: TensorBag, tensor: StoredTensor, family: FamilyEvidence | undefined): Orientation {
  const { name, shape } = tensor;
  const names = nameEvidence(name, shape);
  const kind = names?.kind ?? (shape.length > 2 ? "convolution" : isEmbedding(name) ? "embedding" : "matrix");
  const told = isTable(tensor) ? undefined : biasEvidence(bag, tensor);
  const byBias = told && decideByBias(tensor, told, names?.axes ?? family?.axes);
  if (byBias) return { kind, ...byBias };
  if (family) return { kind, layout: layoutOf(family.axes, shape), note: noted(family.because, name, family.axes) };
  if (names) return { kind, layout: layoutOf(names.axes, shape), note: noted(names.because, name, names.axes) };
  if (tensor.neuronsLast && !/embed|table|codebook/i.test(name)) {
    const last = shape.length - 1;
    return {
      kind,
      layout: "neurons-last",
      note: noted("the last axis was taken as the neurons', as in TensorFlow", name, [last]),
    };
  }
  const note = `the first axis was taken as the neurons' (if it is the last: --layout "${name}=neurons-last")`;
  return { kind, layout: "neurons-first", note };
}

/** Rows of a table of vectors are its neurons, whatever lies beside it. */
function isTable({ name, shape }: StoredTensor): boolean {
  const { owner, variable } = parseName(name);
  return shape.length === 2 && !/kernel$/.test(variable) && (isEmbedding(owner) || isEmbedding(variable));
}

/** @param preferred what is taken of several axes that fit */
function decideByBias(
  { name, shape }: StoredTensor,
  { bias, candidates, transposedGroups }: BiasEvidence,
  preferred: readonly number[] = [0],
): Pick<Orientation, "layout" | "note" | "shape"> | undefined {
  if (transposedGroups !== undefined) {
    const [rows, columns, ...rest] = shape;
    return {
      shape: [transposedGroups, rows! / transposedGroups, columns!, ...rest],
      layout: { neuronAxes: [0, 2] },
      note: `its bias has ${bias.shape[0]} entries: a transposed convolution in ${transposedGroups} groups`,
    };
  }
  const [only] = candidates;
  if (only === undefined) return undefined;
  const size = bias.shape.join("×");
  if (candidates.length === 1) {
    // Nothing was assumed where the order is PyTorch's: no note.
    const note =
      only[0] === 0
        ? undefined
        : `its bias has ${size} entries, as ${axesInWords(only)} ${only.length > 1 ? "have" : "has"}`;
    return { layout: layoutOf(only, shape), note };
  }
  const chosen = candidates.find((axes) => axes.join() === preferred.join());
  if (chosen === undefined) return undefined;
  const because = `its bias fits ${candidates.length} axes; ${axesInWords(chosen)} ${chosen.length > 1 ? "were" : "was"} taken as the neurons'`;
  return { layout: layoutOf(chosen, shape), note: noted(because, name, chosen) };
}

function noted(because: string, name: string, axes: readonly number[]): string {
  const other = axes.length === 1 && axes[0] === 0 ? "neurons-last" : "neurons-first";
  return `${because} (if it isn't so: --layout "${name}=${other}")`;
}

/** A layout by its axes: a word where there is one for them, which reads better where it is printed. */
export function layoutOf(axes: readonly number[], shape: Shape): Layout {
  const last = shape.length - 1;
  if (axes.length === 1 && axes[0] === 0) return "neurons-first";
  if (axes.length === 1 && axes[0] === last) return "neurons-last";
  return { neuronAxes: axes };
}

const ordinals = ["first", "second", "third", "fourth", "fifth"];

function axesInWords(axes: readonly number[]): string {
  const names = axes.map((axis) => ordinals[axis] ?? `${axis + 1}th`);
  return axes.length === 1 ? `its ${names[0]} axis` : `its ${names.join(" and ")} axes`;
}
