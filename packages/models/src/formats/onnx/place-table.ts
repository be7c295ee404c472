/** Rows that are looked up: embeddings. */
import { type Call, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize } from "./quantization.js";

/** Gather takes slices along one axis; each is a neuron. */
function gatherRule(call: Call): Placements {
  const table = call.constant(0);
  if (table === undefined) return new Map();
  const rank = table.shape.length;
  const given = call.integer("axis") ?? 0;
  const axis = given < 0 ? given + rank : given;
  if (rank < 2) return new Map([[0, `${call.op} of single numbers, not of rows`]]);
  if (!(axis >= 0 && axis < rank))
    return new Map([[0, `${call.op} along axis ${given} of ${shownShape(table.shape)}`]]);
  const after = table.type.float ? undefined : call.dequantizedAfter();
  // One scale for all: those of rows or columns would have to follow what is looked up.
  const numbers =
    after?.scale.count === 1 ? call.derive(dequantize(table, after.scale, after.zero, { axis: 0, block: 0 })) : table;
  if (typeof numbers === "string") return new Map([[0, numbers]]);
  return new Map([[0, [placed(numbers, axis === 0 ? "neurons-first" : { neuronAxes: [axis] })]]]);
}

function tables(inputs: readonly number[]): Rule {
  return (call) => {
    const result = new Map<number, readonly Placed[] | string>();
    for (const input of inputs) {
      const table = call.constant(input);
      if (table === undefined) continue;
      const fits = table.shape.length === 2;
      const expected = `${call.op} expects [rows, dimension], not ${shownShape(table.shape)}`;
      result.set(input, fits ? [placed(table, "neurons-first")] : expected);
    }
    return result;
  };
}

export const TABLES: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ["", "Gather", gatherRule],
  ["com.microsoft", "EmbedLayerNormalization", tables([2, 3, 4])],
];
