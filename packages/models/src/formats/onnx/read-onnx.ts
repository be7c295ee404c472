/** The weights of an ONNX model as layers. */
import { attentionPart } from "../../conventions/head-division.js";
import { configFromMetadata } from "../../conventions/metadata-config.js";
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
    const { weights, unplaced, metadata } = await readModelWeights(source, neighbours, { opened });
    return {
      layers: groupedQueries(
        weights.map((weight) => ({
          name: weight.name,
          kind: weight.op,
          readBy: readerOf(weight),
          ...attentionOf(weight),
          shape: weight.shape,
          layout: weight.layout,
          dataType: weight.dataType,
          note: noteOn(weight),
          read: async () => (await weight.kernel()).data,
          ...(weight.kernelPart === undefined ? {} : { readPart: weight.kernelPart }),
        })),
      ),
      config: configFromMetadata(metadata),
      notes: weights.length > 0 ? [] : [noWeights],
      skipped: unplaced.map(({ name, shape, dataType, reason }) => ({ name, shape, dataType, reason })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function noteOn({ groups, scaled }: ModelWeight): string | undefined {
  if (groups > 1) return `${groups} groups: neurons of different groups see different inputs`;
  return scaled ? undefined : "its scale isn't known: directions are right, lengths are in steps of the quantization";
}

/** `MatMul "/encoder/layer.0/query/MatMul"`, and of several the first. */
function readerOf({ consumers: [first] }: ModelWeight): string | undefined {
  return first === undefined ? undefined : `${first.op} "${first.node}"`;
}

/** Keys and values whose heads are fewer than the queries' serve several of them each, also where no attribute says so. */
function groupedQueries(layers: readonly LayerSource[]): readonly LayerSource[] {
  const counts = new Set(layers.flatMap(({ role, heads }) => (role === "query" && heads ? [heads.count] : [])));
  const [queries] = counts;
  if (queries === undefined || counts.size > 1) return layers;
  return layers.map((layer) => {
    const { heads, role } = layer;
    if (!heads || (role !== "key" && role !== "value") || heads.queries > 1) return layer;
    const each = queries / heads.count;
    return Number.isInteger(each) ? { ...layer, heads: { ...heads, queries: each } } : layer;
  });
}

/** What it is to an attention, and its heads, where every node that reads it says the same. */
function attentionOf(weight: ModelWeight): Pick<LayerSource, "role" | "heads"> {
  const { name, consumers, count } = weight;
  const readBy = readerOf(weight);
  const use = consumers[0]?.attention;
  if (use === undefined || consumers.some(({ attention }) => attention?.part !== use.part)) return {};
  // A graph that cuts its outputs into heads needn't show which they are: their names may.
  const role = use.part ?? attentionPart({ name, readBy });
  if (role === undefined || role === "output") return {};
  const size = count / use.count;
  if (!Number.isInteger(size)) return { role };
  const { count: heads, queries, node: source } = use;
  return { role, heads: { count: heads, size, along: "neurons", queries, source } };
}
