/**
 * The weights of whatever `torch.save` was given: one network's tensors under their own names, or those of several
 * networks under the names that the file has for each. Tied weights are one layer, and averaged copies none.
 */
import { averagedCopies } from "../../../conventions/averaged-copies.js";
import type { SkippedTensor } from "../../../layer-source.js";
import { PickleTuple, type PickleValue } from "../pickle/values.js";
import type { TensorReference } from "../rebuild/tensor-reference.js";
import { Steps } from "./contents.js";
import { findSections } from "./find-sections.js";
import { type FoundTensor, tensorsWithin } from "./tensors-within.js";

export interface FoundWeights {
  readonly tensors: readonly FoundTensor[];
  readonly skipped: readonly SkippedTensor[];
  readonly notes: readonly string[];
}

/**
 * @param constants of TorchScript's code
 * @throws PickleProblem for what is nested without end
 */
export function findWeights(root: PickleValue, constants: readonly PickleValue[] = []): FoundWeights {
  const steps = new Steps();
  const { networks, skipped, notes } = findSections(root, steps);
  const shared = commonLength(networks.map(({ path }) => path));
  const all = networks.flatMap(({ path, value }) => {
    const prefix =
      networks.length === 1
        ? ""
        : path
            .slice(shared)
            .map((part) => `${part}.`)
            .join("");
    return tensorsWithin(value, steps).map((found) => ({ ...found, name: prefix + found.name }));
  });
  for (const found of tensorsWithin(new PickleTuple(constants), steps)) {
    all.push({
      ...found,
      name: `constants.${found.name}`,
      note: "a constant of TorchScript's code, which has no name",
    });
  }
  const tensors: FoundTensor[] = [];
  const copies = averagedCopies(all.map(({ name, tensor }) => ({ name, shape: tensor.view.shape })));
  const firstOf = new Map<unknown, Map<string, number>>();
  for (const found of all) {
    const { name, tensor } = found;
    const leaveOut = (reason: string) =>
      skipped.push({ name, shape: tensor.view.shape, dataType: tensor.dataType, reason });
    const copied = copies.get(name);
    if (found.aside !== undefined) leaveOut(found.aside);
    else if (copied !== undefined) leaveOut(`an averaged copy (EMA) of "${copied}"`);
    else {
      const first = tiedTo(found, firstOf, tensors.length);
      if (first === undefined) tensors.push(found);
      else {
        const kept = tensors[first]!;
        leaveOut(`the same numbers as "${kept.name}": tied weights`);
        tensors[first] = { ...kept, note: joined(kept.note, `tied: stored as "${name}", too`) };
      }
    }
  }
  return { tensors, skipped, notes };
}

function commonLength(paths: readonly (readonly string[])[]): number {
  const [first = []] = paths;
  const differs = first.findIndex((part, n) => paths.some((path) => path[n] !== part));
  return differs < 0 ? first.length : differs;
}

/** Scales and the like are shared for other reasons, and what they belong to needs them by name. */
const belongsToAnother = /scale|zero|absmax|quant|g_idx/i;

/** The tensor kept before that is the same view of the same storage; vectors are no layers, and stay as they are. */
function tiedTo(
  { name, tensor }: FoundTensor,
  firstOf: Map<unknown, Map<string, number>>,
  position: number,
): number | undefined {
  const { storage, view } = tensor;
  if (storage?.bytes === undefined || view.shape.length < 2 || belongsToAnother.test(name)) return undefined;
  const views = firstOf.get(storage.bytes) ?? new Map<string, number>();
  firstOf.set(storage.bytes, views);
  const key = viewKey(tensor);
  const first = views.get(key);
  if (first === undefined) views.set(key, position);
  return first;
}

function viewKey({ storage, view, dataType, negated }: TensorReference): string {
  return [dataType, negated, (storage?.start ?? 0) + view.offset, view.shape.join(), view.strides.join()].join(" ");
}

export const joined = (...notes: readonly (string | undefined)[]): string | undefined =>
  notes.filter((note) => note !== undefined).join("; ") || undefined;
