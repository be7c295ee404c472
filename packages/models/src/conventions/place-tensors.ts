/** From the tensors of a file to layers: every convention in its order, and the default for what none of them knows. */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { ModelConfig } from "../format.js";
import { type LayerSource, type SkippedTensor, whyNoNeurons } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { adapterPart } from "./adapters/adapter-parts.js";
import type { BaseTensors } from "./adapters/base-tensors.js";
import { averaged } from "./averaged-copies.js";
import { fused } from "./fused.js";
import { layerOf } from "./layer-of.js";
import { orientations } from "./orientation.js";
import { type Rule, type RuleContext, TensorBag } from "./tensor-bag.js";
import { biasNames, isBias, isFixedTable, parseName } from "./tensor-names.js";
import { told } from "./told.js";

const plainTypes = new Set(["float64", "float32", "float16", "bfloat16"]);
const packedNames = /scale|zero|quant|absmax|scb|qweight|g_idx|packed|codebook|blocks|centroid|indices/i;

/** Whether there may be codes or scales: of other types than plain floats, or by their names. */
const maybePacked = ({ name, shape, dataType }: StoredTensor): boolean =>
  (shape.length > 0 && !plainTypes.has(dataType)) || packedNames.test(name);

/** A convention that few models need: loaded only where a tensor hints at it, so that a page of other models does without. The rule itself looks closer. */
function whereAny(name: string, hints: (tensor: StoredTensor) => boolean, load: () => Promise<readonly Rule[]>): Rule {
  return {
    name,
    async apply(bag, context) {
      if (![...bag].some(hints)) return;
      for (const rule of await load()) await rule.apply(bag, context);
    },
  };
}

const packed = whereAny("packed weights", maybePacked, async () => (await import("./packed/index.js")).packedRules);

const adapters: Rule = {
  name: "adapters",
  async apply(bag, context) {
    if (context.base === undefined && ![...bag].some(({ name }) => adapterPart(name) !== undefined)) return;
    const { adapterRule } = await import("./adapters/adapter-rule.js");
    await adapterRule.apply(bag, context);
  },
};

/** The names under which PyTorch keeps what a weight is computed from: weight normalization's directions, pruning's and parametrizations' originals. */
const originals = /_v$|_orig$|(^|\.)parametrizations\./;
const computed = whereAny(
  "computed weights",
  ({ name }) => originals.test(name),
  async () => (await import("./computed-weights.js")).computedRules,
);

const experts = whereAny(
  "experts",
  ({ name, shape }) => shape.length === 3 && /expert|moe|_linear/i.test(name),
  async () => [(await import("./experts.js")).experts],
);

const recurrent = whereAny(
  "recurrent gates",
  ({ name }) => /weight_hh|recurrent_kernel|(lstm|gru)_cell/.test(name),
  async () => [(await import("./recurrent.js")).recurrent],
);

/** So that no convention has to think of them. */
const empty: Rule = {
  name: "empty tensors",
  apply(bag) {
    for (const { name, shape } of bag) if (shape.includes(0)) bag.leaveOut(name, whyNoNeurons(shape)!);
  },
};

/**
 * What stands there twice goes first. Then what puts numbers together: before anybody's word about axes counts, codes must be numbers, scales gone, and factors
 * multiplied. Then what takes matrices apart; axes come last.
 */
const rules: readonly Rule[] = [averaged, packed, adapters, computed, empty, experts, told, recurrent, fused];

/** Options of {@link placeTensors}: what lies beside the tensors, and what the caller knows of them. */
export interface PlacingOptions {
  /** The model's config.json, parsed, where there is one. */
  readonly config?: ModelConfig | undefined;
  /** Reads adapter_config.json, where there is one. */
  readonly adapterConfig?: (() => Promise<ModelConfig | undefined>) | undefined;
  /** The tensors of the model that an adapter was trained on. */
  readonly base?: BaseTensors | undefined;
  /** Says, by a tensor's name, which of its axes are neurons; that wins over every convention. `undefined` leaves it to them. */
  readonly layoutOf?: ((name: string) => Layout | undefined) | undefined;
}

/**
 * Finds the layers in bare arrays by the conventions of libraries and model families. Every tensor comes out once: as a layer, as several, or left
 * out with the reason.
 *
 * @throws EnergyError `invalid-file` where two tensors have one name
 */
export async function placeTensors(
  tensors: Iterable<StoredTensor>,
  { config, adapterConfig, base, layoutOf = () => undefined }: PlacingOptions = {},
): Promise<{
  /** The matrices of neurons, in the order of the tensors. */
  layers: LayerSource[];
  /** The tensors that are no layers, with the reasons. */
  skipped: SkippedTensor[];
  /** What has to be said of the whole: which matrices were left out by their names. */
  notes: string[];
}> {
  const bag = new TensorBag(tensors);
  const context: RuleContext = { config, ...(adapterConfig ? { adapterConfig } : {}), base, layoutOf };
  for (const rule of rules) await rule.apply(bag, context);
  const orientationOf = orientations(bag, context);
  // Asked of all before any is taken out: one tells of another.
  const problems = new Map([...bag].map((tensor) => [tensor, whyNoLayer(bag, tensor)] as const));
  for (const [tensor, problem] of problems) {
    if (problem === undefined) bag.place([tensor.name], [layerOf(tensor, orientationOf(tensor))]);
  }
  for (const [tensor, problem] of problems) {
    if (problem !== undefined) bag.leaveOut(tensor.name, problem, isGuess(tensor));
  }
  const { layers, skipped, guessed } = bag.result();
  return { layers, skipped, notes: guessed.length > 0 ? [noteOn(guessed)] : [] };
}

/** Whether a tensor could be a matrix of neurons, were it called otherwise; that biases are none is sure. */
const isGuess = ({ name, shape, floating }: StoredTensor): boolean =>
  floating && shape.filter((size) => size > 1).length >= 2 && !/bias(es)?$/i.test(parseName(name).variable);

/** Sentences that name more are read by nobody. */
const mostNamed = 3;

function noteOn(guessed: readonly SkippedTensor[]): string {
  const named = guessed.slice(0, mostNamed).map(({ name, reason }) => `"${name}" (${reason})`);
  const rest = guessed.length - named.length;
  const [count, these] = guessed.length === 1 ? ["1 matrix was", "it"] : [`${guessed.length} matrices were`, "one"];
  return `${count} left out by what names say: ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}. To have ${these} audited, save it under another name`;
}

/** Tensors that packings stand for in place of those packings, and nothing else: what is added to or compared with another model. */
export async function unpackTensors(
  tensors: Iterable<StoredTensor>,
  config: ModelConfig | undefined,
): Promise<StoredTensor[]> {
  const bag = new TensorBag(tensors);
  await packed.apply(bag, { config });
  return [...bag];
}

function whyNoLayer(bag: TensorBag, { name, shape, floating, dataType, known }: StoredTensor): string | undefined {
  const problem = whyNoNeurons(shape) ?? (floating ? undefined : `${dataType}, not floating point`);
  if (problem !== undefined || known) return problem;
  if (isBias(name)) return "a bias or a mask, by its name";
  if (isFixedTable(name, shape)) return "a table that isn't trained, by its name";
  if (isOfNorm(bag, name, shape)) return "of a norm or an activation, by its name";
  // A layer norm over several axes: a factor and a bias for each entry. Networks for tables have a vector and a bias for each of a row's numbers.
  const { variable, module, owner } = parseName(name);
  const isTokenizer = /embed|tokeni[sz]er/i.test(module) && !/norm|(^|_)(ln|bn)\d*$/i.test(owner);
  const isFactor =
    variable === "weight" &&
    !isTokenizer &&
    biasNames(name).some((bias) => bag.get(bias)?.shape.join() === shape.join());
  return isFactor ? "a factor for each entry, as a norm has them: its bias has the same shape" : undefined;
}

/**
 * Factors and biases of norms and slopes of activations, which have a number for each channel: along one axis, or of any shape where a norm's two
 * lie side by side. A matrix of this name that stands alone, of topics and words say, is one.
 */
function isOfNorm(bag: TensorBag, name: string, shape: Shape): boolean {
  const { module, leaf, variable } = parseName(name);
  if (/^(moving|running)_(mean|var|variance)$/.test(variable)) return true;
  if (!/^(gamma|beta|alpha|vector_u)$/.test(variable)) return false;
  const other = leaf.replace(variable, variable === "gamma" ? "beta" : "gamma");
  const isPair = variable !== other && bag.get(`${module}${other}`)?.shape.join() === shape.join();
  return isPair || shape.filter((size) => size > 1).length < 2;
}
