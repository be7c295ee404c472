/**
 * PaddlePaddle saves pickles of NumPy's arrays (`.pdparams`), and beside them what each parameter was called when its layer was made:
 * "linear_0.w_0". Its Linear layers are `[in, out]`; convolutions, tables and recurrent layers have PyTorch's order. A parameter that two
 * modules share is stored under the names of both.
 */
import type { SkippedTensor } from "../../../layer-source.js";
import type { StoredTensor } from "../../../tensors/stored-tensor.js";
import { PickleDict, type PickleValue } from "../pickle/values.js";

const names = "StructuredToParameterName@@";

/** Says where neurons are, by the layers' kinds; of any other pickle, its tensors as they are. */
export function placePaddle(
  root: PickleValue,
  tensors: readonly StoredTensor[],
): { tensors: readonly StoredTensor[]; skipped: readonly SkippedTensor[] } {
  const made = root instanceof PickleDict ? root.entries.get(names) : undefined;
  if (!(made instanceof PickleDict)) return { tensors, skipped: [] };
  const kept: StoredTensor[] = [];
  const skipped: SkippedTensor[] = [];
  const first = new Map<string, string>();
  for (const tensor of tensors) {
    const { name, shape, dataType } = tensor;
    const parameter = made.entries.get(name);
    const other = typeof parameter === "string" ? first.get(parameter) : undefined;
    if (other !== undefined) {
      skipped.push({ name, shape, dataType, reason: `the same parameter as "${other}": tied weights` });
      continue;
    }
    if (typeof parameter === "string") first.set(parameter, name);
    kept.push(placed(tensor, parameter));
  }
  return { tensors: kept, skipped };
}

function placed(tensor: StoredTensor, parameter: PickleValue | undefined): StoredTensor {
  const kind = typeof parameter === "string" ? /^(linear|embedding)_\d+\./.exec(parameter)?.[1] : undefined;
  if (kind === undefined || tensor.shape.length !== 2) return tensor;
  return kind === "linear"
    ? { ...tensor, known: { kind: "Linear", layout: "neurons-last", note: "PaddlePaddle's Linear is [in, out]" } }
    : { ...tensor, known: { kind: "embedding", layout: "neurons-first" } };
}
