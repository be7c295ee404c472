/** The layers of a model in order, nested models opened, with what lies before each and what the outputs come from. */
import { EnergyError } from "@comhe/core";
import { LayersModel, type layers, Sequential, type SymbolicTensor } from "@tensorflow/tfjs-layers";

/** A layer of tfjs. */
export type Layer = layers.Layer;
type Node = Layer["inboundNodes"][number];

/** A layer that isn't itself a model or a `TimeDistributed` wrapper. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Names of the nested models and wrappers around it, outermost first. */
  readonly inside: readonly string[];
  /** `inside` and the layer's name, joined by "/": just the name in a flat model. */
  readonly path: string;
  /** The layers whose outputs it takes. */
  readonly before: ReadonlySet<PlacedLayer>;
}

export interface LayerGraph {
  /** Every layer after those it depends on; a shared layer once. */
  readonly layers: readonly PlacedLayer[];
  /** The layers the model's outputs come from. */
  readonly outputs: readonly PlacedLayer[];
}

/** For each tensor, the layers it comes from. */
type Sources = readonly (readonly PlacedLayer[])[];

/** @throws EnergyError `invalid-config` for what isn't a LayersModel or Sequential */
export function layerGraph(model: LayersModel): LayerGraph {
  if (!(model instanceof LayersModel)) {
    throw new EnergyError(
      "invalid-config",
      "model: expected a tf.LayersModel or tf.Sequential made by the @tensorflow/tfjs-layers that @comhe/tfjs uses. " +
        "A graph model has no layers to regularize.",
    );
  }
  const placed = new Map<Layer, PlacedLayer & { readonly before: Set<PlacedLayer> }>();

  const visitLayer = (layer: Layer, feeds: Sources, inside: readonly string[]): Sources => {
    if (layer instanceof LayersModel) return visitModel(layer, feeds, [...inside, layer.name]);
    const wrapped = timeDistributed(layer);
    if (wrapped) return visitLayer(wrapped, [feeds.flat()], [...inside, layer.name]);
    const known = placed.get(layer);
    const here = known ?? { layer, inside, path: [...inside, layer.name].join("/"), before: new Set() };
    for (const source of feeds.flat()) here.before.add(source);
    placed.set(layer, here);
    return [[here]];
  };

  const visitModel = (visited: LayersModel, feeds: Sources, inside: readonly string[]): Sources => {
    if (visited instanceof Sequential) {
      return visited.layers.reduce<Sources>((sources, layer) => visitLayer(layer, sources, inside), feeds);
    }
    const done = new Map<Node, Sources>();
    const trace = (tensor: SymbolicTensor): readonly PlacedLayer[] => {
      const input = visited.inputs.indexOf(tensor);
      if (input >= 0) return feeds[input] ?? [];
      const layer = tensor.sourceLayer;
      const node = layer.inboundNodes[tensor.nodeIndex]!;
      const sources = done.get(node) ?? visitLayer(layer, node.inputTensors.map(trace), inside);
      done.set(node, sources);
      // A plain layer's outputs all come from itself.
      return sources[tensor.tensorIndex] ?? sources[0]!;
    };
    return visited.outputs.map(trace);
  };

  const outputs = new Set(visitModel(model, [], []).flat());
  return { layers: [...placed.values()], outputs: [...outputs] };
}

/** The layer a `TimeDistributed` wrapper applies to every step, if this is one. */
function timeDistributed(layer: Layer): Layer | undefined {
  return layer.getClassName() === "TimeDistributed" ? (layer as Layer & { readonly layer: Layer }).layer : undefined;
}
