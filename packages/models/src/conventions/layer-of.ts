/** A stored tensor as a layer. */
import type { FloatArray, Layout, Shape } from "@comhe/core/layouts";
import { type LayerSource, type Role, sizeOf } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";

/** Where the neurons of a stored tensor are. */
export interface Placement {
  /** The layer's name. Default: the tensor's name. */
  readonly name?: string | undefined;
  /** What the layer belongs to: "Linear", "Dense", "embedding". */
  readonly kind: string;
  /** Which axes are neurons. */
  readonly layout: Layout;
  /** What it does in the network, where that is known. */
  readonly role?: Role | undefined;
  /** The node or layer of the network that reads it. */
  readonly readBy?: string | undefined;
  /** Which convention was followed. What was done to the tensor before is added to it. */
  readonly note?: string | undefined;
  /** Where in the tensor the layer begins, counted in numbers, row major. Default 0. */
  readonly from?: number | undefined;
  /** The sizes of the layer's axes. Default: those of the tensor. */
  readonly shape?: Shape | undefined;
}

/**
 * Makes a layer of a stored tensor, or of a stretch of it.
 *
 * @param placement which axes are its neurons, what it is called, and where in the tensor it begins
 */
export function layerOf(tensor: StoredTensor, placement: Placement): LayerSource {
  const { name = tensor.name, kind, layout, role, readBy, from = 0, shape = tensor.shape } = placement;
  const note = [tensor.note, placement.note].filter((text) => text !== undefined).join("; ");
  const count = sizeOf(shape);
  const readPart = async (first: number, length: number) => (await tensor.read(from + first, length)) as FloatArray;
  const rowNames = shape === tensor.shape && layout === "neurons-first" ? tensor.rowNames : undefined;
  return {
    name,
    kind,
    role,
    ...(readBy === undefined ? {} : { readBy }),
    shape,
    layout,
    dataType: tensor.dataType,
    note: note === "" ? undefined : note,
    read: () => readPart(0, count),
    ...(tensor.inParts ? { readPart } : {}),
    ...(rowNames === undefined ? {} : { rowNames }),
  };
}
