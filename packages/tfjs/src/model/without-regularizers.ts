/**
 * A model to deploy: trained with hyperspherical energy, to be loaded where this package isn't. tfjs saves a regularizer by its class's
 * name, and refuses a model whose classes it doesn't know, though only training ever asks them anything.
 */
import { EnergyError } from "@comhe/core";
import { type LayersModel, models } from "@tensorflow/tfjs-layers";
import { EnergyLayer } from "../activation/energy-layer.js";
import { SumRegularizer } from "../regularizer/combine-regularizers.js";
import { HypersphericalEnergy, leavingEnergiesOut } from "../regularizer/hyperspherical-energy.js";

/** How tfjs writes an object in a model's topology. */
interface Saved {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Copies the model without its hyperspherical energies, those of activations included. The copy has the same layers, weights and predictions, and
 * keeps regularizers of your own, an `l2` beside the energy say. What it saves loads in any TensorFlow.js, and converts to Keras, without this
 * package. It isn't compiled, and its weights are its own: `dispose` it when it is saved.
 *
 * @example await withoutRegularizers(model).then((plain) => plain.save("downloads://model"))
 * @throws EnergyError `unsupported` where several regularizers of your own beside an energy can't be one `l1l2`; the message names them
 */
export async function withoutRegularizers(model: LayersModel): Promise<LayersModel> {
  const topology = withoutEnergies(leavingEnergiesOut(() => model.toJSON(null, false)));
  const plain = await models.modelFromJSON({ modelTopology: topology } as Parameters<typeof models.modelFromJSON>[0]);
  // By name, as tfjs does where it loads a model: what is frozen after the model was made changes their order.
  plain.loadWeights(Object.fromEntries(model.weights.map((weight) => [weight.originalName, weight.read()])));
  return plain;
}

/** The same JSON, where an energy stood alone with nothing, and where it stood in a sum with what else was in it. */
function withoutEnergies(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEnergies);
  if (typeof value !== "object" || value === null) return value;
  if (isSaved(value, HypersphericalEnergy.className)) return null;
  if (isSaved(value, SumRegularizer.className)) return oneOf(partsOf(value));
  if (isSaved(value, EnergyLayer.className)) return identityOf(value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutEnergies(entry)]));
}

/** The layer of the same name that passes its input on. */
function identityOf({ config }: Saved): Saved {
  const { energy, ...layer } = config;
  return { class_name: "Activation", config: { ...layer, activation: "linear" } };
}

function isSaved(value: object, className: string): value is Saved {
  return (value as Partial<Saved>).class_name === className && "config" in value;
}

/** What a sum holds beside energies, sums within it laid open. */
function partsOf({ config }: Saved): readonly Saved[] {
  const parts = config.regularizers as readonly Saved[];
  return parts.flatMap((part) => {
    if (isSaved(part, HypersphericalEnergy.className)) return [];
    return isSaved(part, SumRegularizer.className) ? partsOf(part) : [part];
  });
}

/** A layer takes one regularizer, and the class of sums is this package's. */
function oneOf(parts: readonly Saved[]): Saved | null {
  if (parts.length < 2) return parts[0] ?? null;
  const other = parts.find(({ class_name }) => class_name !== "L1L2");
  if (other) {
    const names = parts.map(({ class_name }) => class_name).join(" and ");
    throw new EnergyError(
      "unsupported",
      `withoutRegularizers: ${names} on one kernel can't be saved as one regularizer without this package. Expected one, or several l1 and l2; ` +
        "take the others off before saving.",
    );
  }
  const sum = (key: string) => parts.reduce((total, { config }) => total + Number(config[key] ?? 0), 0);
  return { class_name: "L1L2", config: { l1: sum("l1"), l2: sum("l2") } };
}
