/** Every tensor that a model stores: initializers and Constant nodes, of all graphs and functions. */
import type { GraphPart, ModelPart, NodePart, SparseTensor, StoredTensor } from "./model-parts.js";
import { domainOf, nodeName } from "./scope.js";

export interface FoundTensor {
  readonly name: string;
  readonly graph: string;
}

export interface StoredTensors {
  readonly dense: Map<StoredTensor, FoundTensor>;
  readonly sparse: Map<SparseTensor, FoundTensor>;
}

export function storedTensors(model: ModelPart): StoredTensors {
  const found: StoredTensors = { dense: new Map(), sparse: new Map() };
  const inNodes = (nodes: readonly NodePart[], path: string) => {
    for (const node of nodes) {
      const constant = node.op === "Constant" && domainOf(node) === "";
      // A tensor in a node needn't have a name; the node's output is what others call it.
      const name = node.outputs[0] ?? node.name;
      for (const [key, attribute] of node.attributes) {
        if (constant && attribute.tensor !== undefined) found.dense.set(attribute.tensor, { name, graph: path });
        if (constant && attribute.sparse !== undefined) found.sparse.set(attribute.sparse, { name, graph: path });
        attribute.graphs.forEach((graph) => {
          inGraph(graph, path === "" ? `${nodeName(node)}/${key}` : `${path}/${nodeName(node)}/${key}`);
        });
      }
    }
  };
  const inGraph = (graph: GraphPart, path: string) => {
    for (const tensor of graph.initializers) found.dense.set(tensor, { name: tensor.name, graph: path });
    for (const tensor of graph.sparse) found.sparse.set(tensor, { name: tensor.name, graph: path });
    inNodes(graph.nodes, path);
  };
  if (model.graph !== undefined) inGraph(model.graph, "");
  for (const part of model.functions) inNodes(part.nodes, part.name);
  return found;
}
