/**
 * The tensors of a model on their way to layers. Conventions are rules that run one after another over the same bag; each
 * takes out what it understands (as layers, as tensors that take their place, or as left out with a reason) and doesn't
 * touch the rest. What is in the bag in the end is placed by default. Every tensor that comes in comes out exactly once.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelConfig } from "../format.js";
import type { LayerSource, SkippedTensor } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";

/** A convention. Which tensors there are and what the config says decide; never the numbers, and never the outside. */
export interface Rule {
  readonly name: string;
  apply(bag: TensorBag, context: RuleContext): void | Promise<void>;
}

export interface RuleContext {
  /** config.json, where one lies beside the file. */
  readonly config: ModelConfig | undefined;
}

export class TensorBag implements Iterable<StoredTensor> {
  /** Layers found so far, in the order in which they were found. */
  readonly layers: LayerSource[] = [];
  readonly skipped: SkippedTensor[] = [];
  readonly #tensors = new Map<string, StoredTensor>();

  /** @throws EnergyError `invalid-file` where two tensors have one name */
  constructor(tensors: Iterable<StoredTensor>) {
    for (const tensor of tensors) this.#add(tensor);
  }

  /** What is left: a copy, so that a rule may take out what it comes to. */
  [Symbol.iterator](): Iterator<StoredTensor> {
    return [...this.#tensors.values()][Symbol.iterator]();
  }

  get(name: string): StoredTensor | undefined {
    return this.#tensors.get(name);
  }

  /** Takes tensors out and puts others in their place, such as a matrix for its codes and scales. */
  replace(names: readonly string[], by: readonly StoredTensor[]): void {
    for (const name of names) this.#remove(name);
    for (const tensor of by) this.#add(tensor);
  }

  /** Takes tensors out as layers. */
  place(names: readonly string[], layers: readonly LayerSource[]): void {
    for (const name of names) this.#remove(name);
    this.layers.push(...layers);
  }

  /** Takes a tensor out, with the reason why it is no layer. */
  leaveOut(name: string, reason: string): void {
    const { shape, dataType } = this.#remove(name);
    this.skipped.push({ name, shape, dataType, reason });
  }

  #add(tensor: StoredTensor): void {
    if (this.#tensors.has(tensor.name)) {
      throw new EnergyError("invalid-file", `Two tensors are named "${tensor.name}"; expected a name for each.`);
    }
    this.#tensors.set(tensor.name, tensor);
  }

  #remove(name: string): StoredTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor "${name}" is left in the bag`);
    this.#tensors.delete(name);
    return tensor;
  }
}
