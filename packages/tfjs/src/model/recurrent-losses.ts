/**
 * Energies of recurrent layers in the loss, and in what is saved. tfjs 4.22 leaves the regularizers of cells out of the losses of their layers,
 * without a word, and writes a `Bidirectional` with the regularizers that it was made of, not with those of its two directions. Here the energies
 * of cells, and nothing else, are added to the losses of their layers, and the backward direction's are written beside the forward one's.
 */
import * as tf from "@tensorflow/tfjs-core";
import { RNN } from "@tensorflow/tfjs-layers";
import { deserialize, type SavedPart, savedPart } from "../regularizer/combine-regularizers.js";
import { findEnergies } from "../regularizer/find-energy.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import { lossOf } from "./joint-penalty.js";
import type { Layer } from "./layer-graph.js";
import { type BidirectionalLayer, type CellRegularizer, cellKernels, cellsOf } from "./recurrent-layers.js";

type Losses = readonly (() => tf.Scalar)[];

const properties = Object.keys(cellKernels) as CellRegularizer[];

/** One for each energy of each kernel that is there. */
function energyLosses(layer: Layer): Losses {
  return (cellsOf(layer) ?? []).flatMap((cell) =>
    properties.flatMap((property) => {
      const variable = cell[cellKernels[property]];
      return variable ? findEnergies(cell[property]).map((energy) => lossOf(energy, variable)) : [];
    }),
  );
}

/** Adds them to the losses of every recurrent layer, of this and of loaded models. */
export function addRecurrentLosses(): void {
  defineLosses(RNN.prototype as unknown as Layer, function (this: Layer) {
    return [...ownLosses(this), ...energyLosses(this)];
  });
  const entry = tf.serialization.SerializationMap.getMap().classNameMap.Bidirectional;
  if (!entry) return;
  const prototype = entry[0].prototype as unknown as BidirectionalLayer;
  defineLosses(prototype, function (this: BidirectionalLayer) {
    return [...ownLosses(this), ...this.forwardLayer.losses, ...this.backwardLayer.losses];
  });
  const { getConfig } = prototype;
  prototype.getConfig = function (this: BidirectionalLayer) {
    return withDirections(this, getConfig.call(this));
  };
  const fromConfig = entry[1] as (...args: unknown[]) => unknown;
  entry[1] = ((cls: unknown, config: SavedBidirectional, ...more: unknown[]) => {
    const { backwardEnergies, ...rest } = config;
    const made = fromConfig(cls, rest, ...more);
    if (backwardEnergies) restoreBackward(made as BidirectionalLayer, backwardEnergies);
    return made;
  }) as (typeof entry)[1];
}

function defineLosses<L extends Layer>(prototype: L, get: (this: L) => Losses): void {
  Object.defineProperty(prototype, "losses", { configurable: true, get });
}

/** As tfjs keeps them. */
function ownLosses(layer: Layer): Losses {
  return (layer as unknown as { readonly _losses?: Losses })._losses ?? [];
}

/** By cell. */
type SavedEnergies = readonly Partial<Record<CellRegularizer, SavedPart>>[];

interface SavedBidirectional extends tf.serialization.ConfigDict {
  readonly layer: { readonly className: string; readonly config: tf.serialization.ConfigDict };
  readonly backwardEnergies?: SavedEnergies & tf.serialization.ConfigDictValue;
}

/** The forward direction's regularizers in the config that both directions are made of, and the backward one's beside it. */
function withDirections(layer: BidirectionalLayer, config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
  const { forwardLayer, backwardLayer } = layer;
  const has = [forwardLayer, backwardLayer].some((each) =>
    cellsOf(each)?.some((cell) => properties.some((property) => findEnergies(cell[property]).length > 0)),
  );
  if (!has) return config;
  const saved = config as SavedBidirectional;
  const { name, goBackwards } = saved.layer.config;
  const forward = { ...forwardLayer.getConfig(), name, goBackwards } as tf.serialization.ConfigDict;
  const backwardEnergies = cellsOf(backwardLayer)!.map((cell) =>
    Object.fromEntries(
      properties.flatMap((property) => {
        const regularizer = cell[property];
        return regularizer ? [[property, savedPart(regularizer)]] : [];
      }),
    ),
  );
  return { ...config, layer: { ...saved.layer, config: forward }, backwardEnergies } as tf.serialization.ConfigDict;
}

function restoreBackward({ backwardLayer }: BidirectionalLayer, saved: SavedEnergies): void {
  cellsOf(backwardLayer)!.forEach((cell, n) => {
    for (const property of properties) {
      const part = saved[n]?.[property];
      if (part) cell[property] = deserialize(part) as LayerRegularizer;
    }
  });
}
