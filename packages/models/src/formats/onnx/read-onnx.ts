/** The weights of an ONNX model as layers. */
import type { ModelParts, ReadContext } from "../../format.js";
import type { LayerSource } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import type { ModelWeight } from "./model-weights.js";
import { readModelWeights } from "./read-weights.js";

/** A sound model may have none, and whoever audits it should know why. */
const noWeights =
  "no operator reads a stored matrix of neurons: its weights are computed when it runs, or passed to it as inputs. " +
  "Save the model with its weights as initializers";

/** @throws EnergyError `invalid-file` */
export async function readOnnx(source: ByteSource, { neighbours }: ReadContext): Promise<ModelParts> {
  const opened: ByteSource[] = [];
  const close = async () => void (await Promise.all(opened.map((file) => file.close?.())));
  try {
    const { weights, unplaced } = await readModelWeights(source, neighbours, { opened });
    return {
      layers: weights.map((weight) => ({
        name: weight.name,
        kind: weight.op,
        readBy: readerOf(weight),
        ...attentionOf(weight),
        shape: weight.shape,
        layout: weight.layout,
        dataType: weight.dataType,
        note:
          weight.groups > 1 ? `${weight.groups} groups: neurons of different groups see different inputs` : undefined,
        read: async () => (await weight.kernel()).data,
        ...(weight.kernelPart === undefined ? {} : { readPart: weight.kernelPart }),
      })),
      notes: weights.length > 0 ? [] : [noWeights],
      skipped: unplaced.map(({ name, shape, dataType, reason }) => ({ name, shape, dataType, reason })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `MatMul "/encoder/layer.0/query/MatMul"`, and of several the first. */
function readerOf({ consumers: [first] }: ModelWeight): string | undefined {
  return first === undefined ? undefined : `${first.op} "${first.node}"`;
}

/** What it is to an attention, and its heads, where every node that reads it says the same. */
function attentionOf({ consumers, count }: ModelWeight): Pick<LayerSource, "role" | "heads"> {
  const use = consumers[0]?.attention;
  if (use === undefined || consumers.some(({ attention }) => attention?.part !== use.part)) return {};
  const size = count / use.count;
  if (!Number.isInteger(size)) return { role: use.part };
  const { part: role, count: heads, queries, node: source } = use;
  return { role, heads: { count: heads, size, along: "neurons", queries, source } };
}
