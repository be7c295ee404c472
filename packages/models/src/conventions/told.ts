/** What the caller says of a tensor's axes: it is one layer, whole, whatever a convention would make of it. */
import { neuronAxes } from "@comhe/core/layouts";
import { whyNoNeurons } from "../layer-source.js";
import { layerOf } from "./layer-of.js";
import type { Rule } from "./tensor-bag.js";
import { isEmbedding } from "./tensor-names.js";

export const told: Rule = {
  name: "the caller's word",
  apply(bag, { layoutOf }) {
    for (const tensor of bag) {
      const { name, shape, floating, known } = tensor;
      if (!floating || whyNoNeurons(shape) !== undefined) continue;
      const layout = layoutOf?.(name);
      if (layout === undefined) continue;
      // A layout that the shape hasn't is an error here, which names both, rather than when it is read.
      neuronAxes(shape, layout);
      const kind = known?.kind ?? (shape.length > 2 ? "convolution" : isEmbedding(name) ? "embedding" : "matrix");
      bag.place([name], [layerOf(tensor, { kind, layout, role: known?.role })]);
    }
  },
};
