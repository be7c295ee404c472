/** ONNX files, by `@comhe/onnx`: which operator reads a weight says where its neurons are. */
import { readWeights } from "@comhe/onnx/weights";
import type { LayerSource, SkippedTensor } from "./model-file.js";

/** @throws EnergyError `invalid-file` */
export async function readOnnx(path: string): Promise<{ layers: LayerSource[]; skipped: SkippedTensor[] }> {
  const { weights, unplaced } = await readWeights(path);
  return {
    layers: weights.map((weight) => ({
      name: weight.name,
      kind: weight.op,
      shape: weight.shape,
      layout: weight.layout,
      dataType: weight.dataType,
      note: weight.groups > 1 ? `${weight.groups} groups: neurons of different groups see different inputs` : undefined,
      read: async () => (await weight.kernel()).data,
    })),
    skipped: unplaced.map(({ name, shape, dataType, reason }) => ({ name, shape, dataType, reason })),
  };
}
