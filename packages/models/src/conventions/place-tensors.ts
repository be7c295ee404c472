/** From the tensors of a file to layers: every convention in its order, and the default for what none of them knows. */
import type { Layout } from "@comhe/core/layouts";
import type { ModelConfig } from "../format.js";
import { type LayerSource, type SkippedTensor, whyNoNeurons } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { adapterRule } from "./adapters/adapter-rule.js";
import type { BaseTensors } from "./adapters/base-tensors.js";
import { layerOf } from "./layer-of.js";
import { packedRules } from "./packed/index.js";
import { rowKind } from "./row-convention.js";
import { type Rule, type RuleContext, TensorBag } from "./tensor-bag.js";

/** What puts numbers together: of what these leave, each tensor is one. */
const joiningRules: readonly Rule[] = [...packedRules, adapterRule];
/** What takes matrices apart, then what finds their axes. */
const rules: readonly Rule[] = [];

export interface PlacingOptions {
  readonly config?: ModelConfig | undefined;
  readonly adapterConfig?: (() => Promise<ModelConfig | undefined>) | undefined;
  /** The model that an adapter was trained on. */
  readonly base?: BaseTensors | undefined;
  /** The caller's word, which wins over every convention; by the tensor's name. */
  readonly layoutOf?: ((name: string) => Layout | undefined) | undefined;
}

/**
 * Every tensor comes out once: as a layer, as several, or left out with the reason.
 *
 * @throws EnergyError `invalid-file` where two tensors have one name
 */
export async function placeTensors(
  tensors: Iterable<StoredTensor>,
  { config, adapterConfig, base, layoutOf = () => undefined }: PlacingOptions = {},
): Promise<{ layers: LayerSource[]; skipped: SkippedTensor[] }> {
  const bag = new TensorBag(tensors);
  const context: RuleContext = { config, ...(adapterConfig ? { adapterConfig } : {}), base };
  // Before anybody's word about axes counts, codes must be numbers, scales gone, and factors multiplied.
  for (const rule of joiningRules) await rule.apply(bag, context);
  for (const tensor of bag) placeAsTold(bag, tensor, layoutOf);
  for (const rule of rules) await rule.apply(bag, context);
  for (const tensor of bag) placeByDefault(bag, tensor);
  return bag.result();
}

/** Tensors that packings stand for in place of those packings, and nothing else: what is added to or compared with another model. */
export async function unpackTensors(
  tensors: Iterable<StoredTensor>,
  config: ModelConfig | undefined,
): Promise<StoredTensor[]> {
  const bag = new TensorBag(tensors);
  for (const rule of packedRules) await rule.apply(bag, { config });
  return [...bag];
}

function placeAsTold(bag: TensorBag, tensor: StoredTensor, layoutOf: (name: string) => Layout | undefined): void {
  const layout = tensor.floating && whyNoNeurons(tensor.shape) === undefined ? layoutOf(tensor.name) : undefined;
  if (layout === undefined) return;
  const kind = tensor.known?.kind ?? rowKind(tensor.name, tensor.shape).kind;
  bag.place([tensor.name], [layerOf(tensor, { kind, layout, role: tensor.known?.role })]);
}

function placeByDefault(bag: TensorBag, tensor: StoredTensor): void {
  const { name, shape, floating, dataType, known } = tensor;
  const problem = whyNoNeurons(shape) ?? (floating ? undefined : `${dataType}, not floating point`);
  if (problem !== undefined) bag.leaveOut(name, problem);
  else bag.place([name], [layerOf(tensor, known ?? { ...rowKind(name, shape), layout: "neurons-first" })]);
}
