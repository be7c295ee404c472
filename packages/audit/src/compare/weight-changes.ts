/** Reads matched layers of two opened models, two at a time, and says how their numbers differ. */
import { type Backend, EnergyError, neuronAxes, randomStream, toNeurons } from "@comhe/core";
import { type LayerSource, type ModelContents, readNeurons } from "@comhe/models";
import { type Difference, differenceOf, noDifference } from "./difference.js";
import type { Matching } from "./match-layers.js";

/** How a layer changed, by its names in both models. */
export interface LayerChange extends Difference {
  /** The layer's name in the first model. */
  readonly before: string;
  /** The name in the second model of the layer that it was matched with. */
  readonly after: string;
}

/** A layer whose change isn't known. */
export interface UnknownChange {
  /** The layer's name in the first model. */
  readonly before: string;
  /** The name in the second model of the layer that it was matched with. */
  readonly after: string;
  /** Why the change isn't known, in words. */
  readonly problem: string;
}

/** Options of {@link weightChanges}. */
export interface ChangeOptions<A> {
  /** What computes the products of matrices. */
  readonly backend: Backend<A>;
  /** Called after each layer, with what was found and the share that is done, from 0 to 1. */
  readonly onLayer?: ((change: LayerChange | UnknownChange, done: number) => void) | undefined;
  /** Breaks the work off between two layers. */
  readonly signal?: AbortSignal | undefined;
}

/** Numbers of a layer that are read at once; of a larger one rows are drawn. */
const mostNumbers = 40_000_000;

/**
 * How the layers of two models differ that were matched. Both stay open.
 *
 * @param matching what `matchLayers` or `compareModels` found in their audits
 */
export async function weightChanges<A>(
  { matched }: Pick<Matching, "matched">,
  before: Pick<ModelContents, "layers">,
  after: Pick<ModelContents, "layers">,
  { backend, onLayer, signal }: ChangeOptions<A>,
): Promise<readonly (LayerChange | UnknownChange)[]> {
  const [first, second] = [byName(before), byName(after)];
  const changes: (LayerChange | UnknownChange)[] = [];
  for (const { before: from, after: to } of matched) {
    if (signal?.aborted) break;
    const names = { before: from.layer, after: to.layer };
    let change: LayerChange | UnknownChange;
    if (from.digest !== null && from.digest === to.digest) change = { ...names, ...noDifference };
    else {
      const [left, right] = [first.get(from.layer), second.get(to.layer)];
      change = await (left && right
        ? changeOf(backend, left, right).then((difference) => ({ ...names, ...difference }))
        : Promise.reject(new Error("it isn't in the model that was given"))
      ).catch((error: unknown) => ({ ...names, problem: reasonOf(error) }));
    }
    changes.push(change);
    onLayer?.(change, changes.length / matched.length);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return changes;
}

const byName = ({ layers }: Pick<ModelContents, "layers">) => new Map(layers.map((layer) => [layer.name, layer]));

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.split("\n")[0]! : "an error without a message";

async function changeOf<A>(backend: Backend<A>, before: LayerSource, after: LayerSource): Promise<Difference> {
  const { count, dim } = neuronAxes(before.shape, before.layout);
  const other = neuronAxes(after.shape, after.layout);
  if (count !== other.count || dim !== other.dim) {
    throw new EnergyError("invalid-shape", `${count}×${dim} can't be compared with ${other.count}×${other.dim}`);
  }
  const places = count * dim <= mostNumbers ? undefined : chosenRows(count, Math.floor(mostNumbers / dim));
  const rowsOf = async (layer: LayerSource) =>
    places
      ? readNeurons(layer, places)
      : toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout }).data;
  const [left, right] = [await rowsOf(before), await rowsOf(after)];
  for (const data of [left, right]) {
    if (!data.every(Number.isFinite)) throw new EnergyError("non-finite", "it holds NaN or infinities");
  }
  const found = await differenceOf(backend, left, right, dim, places !== undefined);
  return places ? { ...found, mostChanged: found.mostChanged.map((row) => places[row]!) } : found;
}

/** The same rows of both: evenly spaced stretches begin at random places. */
function chosenRows(count: number, kept: number): Int32Array {
  const stream = randomStream(0, "rows of a comparison", 0);
  return Int32Array.from({ length: kept }, (_, n) => {
    const [from, to] = [Math.floor((n * count) / kept), Math.floor(((n + 1) * count) / kept)];
    return from + stream.below(Math.max(1, to - from));
  });
}
