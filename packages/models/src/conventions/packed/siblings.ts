/**
 * Which tensors belong together. A packed weight is a module's buffers: `model.layers.0.mlp.up_proj.` and then `qweight`,
 * `scales`, …; bitsandbytes and others append to the weight's own name instead.
 */
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { TensorBag } from "../tensor-bag.js";

/** "a.b.weight" → ["a.b.", "weight"]. */
export function splitName(name: string): readonly [module: string, own: string] {
  const at = Math.max(name.lastIndexOf("."), name.lastIndexOf("/")) + 1;
  return [name.slice(0, at), name.slice(at)];
}

/** What the unpacked weight is called: `weight`, as in the model that was packed, unless that name is taken. */
export function unpackedName(bag: TensorBag, packed: string, consumed: readonly string[]): string {
  const [module] = splitName(packed);
  const name = `${module}weight`;
  return bag.get(name) === undefined || consumed.includes(name) ? name : packed;
}

/** Those of the candidates that are there. */
export function present(bag: TensorBag, names: readonly string[]): StoredTensor[] {
  return names.map((name) => bag.get(name)).filter((tensor) => tensor !== undefined);
}

const activation =
  /^(?:(?:input|output|activation|act|in|out|k|v|q|kv|prob|softmax|smooth)_?(?:scales?|zero_point|zeros?|global_scale|amax)(?:_inv)?|scale_(?:input|output)|[kvq]_(?:proj\.)?(?:scale|zero_point)|(?:input|weight|output)_quantizer.*|pre_quant_scale|workspace|scaled_fp8|weight_amax)$/;

/** Takes out what a packed module keeps about its activations: no weights, whatever their shape. */
export function leaveOutActivations(bag: TensorBag, module: string): void {
  for (const { name } of bag) {
    if (!name.startsWith(module)) continue;
    if (activation.test(name.slice(module.length))) {
      bag.leaveOut(name, "how the module's activations are quantized: no weights");
    }
  }
}

/** Takes out all parts of a packed weight that can't be unpacked. */
export function leaveOutPacked(bag: TensorBag, codes: string, others: readonly string[], reason: string): void {
  bag.leaveOut(codes, reason);
  for (const name of others) {
    if (name !== codes && bag.get(name) !== undefined) bag.leaveOut(name, `belongs to "${codes}": ${reason}`);
  }
}

export const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
