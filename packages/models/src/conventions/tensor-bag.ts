/**
 * The tensors of a model on their way to layers. Conventions are rules that run one after another over the same bag; each
 * takes out what it understands (as layers, as tensors that take their place, or as left out with a reason) and doesn't
 * touch the rest. What is in the bag in the end is placed by default. Every tensor that comes in comes out exactly once.
 */
import { EnergyError, type Layout } from "@comhe/core/layouts";
import type { ModelConfig } from "../format.js";
import type { LayerSource, SkippedTensor } from "../layer-source.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import type { BaseTensors } from "./adapters/base-tensors.js";

/** A convention. Which tensors there are and what the config says decide; never the numbers, and never the outside. */
export interface Rule {
  /** What the convention is called. */
  readonly name: string;
  /** Takes out of the bag what it understands, and leaves the rest as it is. */
  apply(bag: TensorBag, context: RuleContext): void | Promise<void>;
}

/** What a rule may know beside the tensors. */
export interface RuleContext {
  /** The model's config.json, parsed, where there is one. */
  readonly config: ModelConfig | undefined;
  /** Reads adapter_config.json, where there is one. */
  adapterConfig?(): Promise<ModelConfig | undefined>;
  /** The tensors of the model that an adapter was trained on, where it was given. */
  readonly base?: BaseTensors | undefined;
  /** What the caller says of a stored tensor, by its name; wins over every convention. */
  readonly layoutOf?: ((name: string) => Layout | undefined) | undefined;
}

/** The tensors of a model that no rule has taken out yet, and what was made of the others. */
export class TensorBag implements Iterable<StoredTensor> {
  readonly #tensors = new Map<string, StoredTensor>();
  /** Where a tensor, or the first of those it stands for, is in the file: layers come in that order. */
  readonly #places = new Map<string, number>();
  readonly #layers: { readonly at: number; readonly layer: LayerSource }[] = [];
  readonly #skipped: { readonly at: number; readonly guessed: boolean; readonly tensor: SkippedTensor }[] = [];

  /** @throws EnergyError `invalid-file` where two tensors have one name */
  constructor(tensors: Iterable<StoredTensor>) {
    for (const tensor of tensors) this.#add(tensor, this.#tensors.size);
  }

  /** Goes over what is left in the bag: over a copy of the list, so that a rule may take out what it comes to. */
  [Symbol.iterator](): Iterator<StoredTensor> {
    return [...this.#tensors.values()][Symbol.iterator]();
  }

  /** The tensor of this name, where it is still in the bag. */
  get(name: string): StoredTensor | undefined {
    return this.#tensors.get(name);
  }

  /** Takes tensors out and puts others in their place, such as a matrix for its codes and scales. */
  replace(names: readonly string[], by: readonly StoredTensor[]): void {
    const at = this.#removeAll(names);
    for (const tensor of by) this.#add(tensor, at);
  }

  /** Takes tensors out as layers. */
  place(names: readonly string[], layers: readonly LayerSource[]): void {
    const at = this.#removeAll(names);
    for (const layer of layers) this.#layers.push({ at, layer });
  }

  /**
   * Takes a tensor out, with the reason why it is no layer.
   *
   * @param guessed whether that is concluded from names alone, so that it has to be said: it may be a layer after all
   */
  leaveOut(name: string, reason: string, guessed = false): void {
    const tensor = this.#tensors.get(name);
    const at = this.#removeAll([name]);
    const { shape, dataType } = tensor!;
    this.#skipped.push({ at, guessed, tensor: { name, shape, dataType, reason } });
  }

  /** What has been taken out so far. */
  result(): {
    /** What was taken out as layers, in the order of the file. */
    layers: LayerSource[];
    /** What was left out, with the reasons, in the order of the file. */
    skipped: SkippedTensor[];
    /** Those of them that may be layers after all: their names alone speak against it. */
    guessed: SkippedTensor[];
  } {
    const inOrder = (a: { at: number }, b: { at: number }) => a.at - b.at;
    this.#skipped.sort(inOrder);
    return {
      layers: [...this.#layers].sort(inOrder).map(({ layer }) => layer),
      skipped: this.#skipped.map(({ tensor }) => tensor),
      guessed: this.#skipped.filter(({ guessed }) => guessed).map(({ tensor }) => tensor),
    };
  }

  #add(tensor: StoredTensor, at: number): void {
    if (this.#tensors.has(tensor.name)) {
      throw new EnergyError("invalid-file", `Two tensors are named "${tensor.name}"; expected a name for each.`);
    }
    this.#tensors.set(tensor.name, tensor);
    this.#places.set(tensor.name, at);
  }

  /** @returns the place of the first of them */
  #removeAll(names: readonly string[]): number {
    for (const name of names) {
      if (!this.#tensors.delete(name)) throw new Error(`no tensor "${name}" is left in the bag`);
    }
    return Math.min(...names.map((name) => this.#places.get(name)!));
  }
}
