/** The matrices that an adapter was trained on, by the names that the adapter has for their modules. */
import type { StoredTensor } from "../../tensors/stored-tensor.js";

/** The tensors of the model that an adapter was trained on, by their names and by what adapters call them. */
export class BaseTensors {
  readonly #byName = new Map<string, StoredTensor>();
  /** Names without their dots, as training scripts for diffusion models write them. */
  readonly #flat = new Map<string, StoredTensor>();

  /**
   * @param name what messages call the model
   * @param tensors all of its tensors
   */
  constructor(
    /** What messages call the model. */
    readonly name: string,
    tensors: Iterable<StoredTensor>,
  ) {
    for (const tensor of tensors) {
      this.#byName.set(tensor.name, tensor);
      this.#flat.set(flat(tensor.name), tensor);
    }
  }

  /**
   * Finds a module's `weight` or `bias`. A base model may have been saved within another one or without its head, so that its
   * names begin earlier or later than the adapter's: then the one tensor is taken whose name is the end of the other's. `undefined` where there is
   * none, or more than one.
   */
  find(module: string, part: string): StoredTensor | undefined {
    const wanted = `${module}.${part}`;
    const exact =
      this.#byName.get(wanted) ??
      this.#flat.get(flat(wanted)) ??
      this.#flat.get(flat(wanted).replace(/^lora_(unet|te\d?)_/, "")) ??
      // An embedding that is a parameter itself.
      (part === "weight" ? this.#byName.get(module) : undefined);
    if (exact !== undefined) return exact;
    const similar = [...this.#byName.values()].filter(
      ({ name }) => wanted.endsWith(`.${name}`) || name.endsWith(`.${wanted}`),
    );
    return similar.length === 1 ? similar[0] : undefined;
  }
}

const flat = (name: string): string => name.replaceAll(".", "_");
