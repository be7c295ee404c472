/** Picks layers by name or by a function. */
import { EnergyError } from "@comhe/core";
import type { Layer, LayerGraph, PlacedLayer } from "./layer-graph.js";

/** Which layers are meant: a layer's name, its path (`"nested/dense"`), the name of a nested model for all its layers, or a function that says which. */
export type LayerChoice = string | ((layer: Layer) => boolean);

/**
 * A name is a layer's, its path's (`"nested/dense"`), or that of a nested model, which stands for all its layers.
 *
 * @param option named in the error
 * @throws EnergyError `invalid-config` for a name that no layer has
 */
export function layersNamed(
  { layers }: LayerGraph,
  choices: readonly LayerChoice[],
  option: string,
): (placed: PlacedLayer) => boolean {
  const matches = (choice: LayerChoice, { layer, inside, path }: PlacedLayer) =>
    typeof choice === "function" ? choice(layer) : [layer.name, path, ...inside].includes(choice);
  for (const choice of choices) {
    if (typeof choice === "function" || layers.some((placed) => matches(choice, placed))) continue;
    const known = layers.map(({ path }) => `"${path}"`).join(", ");
    throw new EnergyError(
      "invalid-config",
      `${option}: the model has no layer named ${JSON.stringify(choice)}. Its layers: ${known}.`,
      { path: option },
    );
  }
  return (placed) => choices.some((choice) => matches(choice, placed));
}
