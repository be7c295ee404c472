/**
 * All tensors within a value, by the names that a state_dict would give them: parts are joined by dots, and a module's
 * parameters, buffers and children stand under its own name.
 */
import { PickleDict, PickleList, PickleObject, PickleTuple, type PickleValue } from "../pickle/values.js";
import type { TensorReference } from "../rebuild/tensor-reference.js";
import { checkDepth, childrenOf, isOptimizerState, moduleOf, type Steps, tensorOf } from "./contents.js";

export interface FoundTensor {
  readonly name: string;
  readonly tensor: TensorReference;
  readonly note?: string | undefined;
  /** Why it is no weight, where that is known from where it stands. */
  readonly aside?: string | undefined;
}

/** @throws PickleProblem for what is nested without end */
export function tensorsWithin(value: PickleValue, steps: Steps): FoundTensor[] {
  const walk = new Walk(steps);
  walk.visit(value, [], {});
  return walk.found;
}

/** Whether a value holds a matrix, optimizers' states aside. */
export function holdsMatrix(value: PickleValue, steps: Steps, seen = new Set<PickleValue>(), depth = 0): boolean {
  const tensor = tensorOf(value);
  if (tensor !== undefined) return tensor.view.shape.length >= 2;
  if (typeof value !== "object" || value === null || seen.has(value) || isOptimizerState(value)) return false;
  seen.add(value);
  checkDepth(depth);
  const children = childrenOf(value) ?? [];
  steps.take(1 + children.length);
  return children.some(([, child]) => holdsMatrix(child, steps, seen, depth + 1));
}

type Standing = Pick<FoundTensor, "note" | "aside">;

class Walk {
  readonly found: FoundTensor[] = [];
  readonly #steps: Steps;
  readonly #entered = new Set<PickleValue>();
  readonly #names = new Map<string, number>();

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  visit(value: PickleValue, path: readonly string[], standing: Standing): void {
    const tensor = tensorOf(value);
    if (tensor !== undefined) {
      this.#add(path, tensor, standing);
      return;
    }
    if (typeof value !== "object" || value === null || this.#entered.has(value)) return;
    checkDepth(path.length);
    this.#entered.add(value);
    const module = moduleOf(value);
    if (module !== undefined) {
      this.#visitModule(module, path, standing);
      return;
    }
    if (isOptimizerState(value)) standing = { ...standing, aside: "an optimizer's state" };
    const children = childrenOf(value) ?? [];
    this.#steps.take(1 + children.length);
    for (const [name, child] of children) this.visit(child, [...path, name], standing);
  }

  #visitModule(module: ReadonlyMap<PickleValue, PickleValue>, path: readonly string[], standing: Standing): void {
    this.#steps.take(1 + module.size);
    const part = (name: string) => childrenOf(module.get(name) ?? null) ?? [];
    for (const [name, value] of part("_parameters")) this.visit(value, [...path, name], standing);
    for (const [name, value] of part("_buffers")) {
      this.visit(value, [...path, name], { ...standing, note: "a buffer of its module: not trained by gradients" });
    }
    for (const [name, value] of part("_modules")) this.visit(value, [...path, name], standing);
    for (const [key, value] of module) {
      // Names that begin so are the machinery's own, such as hooks and caches of the parameters above.
      if (typeof key !== "string" || !mayHold(value)) continue;
      if (key === "_packed_params") this.visit(value, [...path, key], standing);
      if (key.startsWith("_")) continue;
      const aside = "an attribute of its module, neither parameter nor buffer";
      this.visit(value, [...path, key], { ...standing, aside: standing.aside ?? aside });
    }
  }

  #add(path: readonly string[], tensor: TensorReference, standing: Standing): void {
    this.#steps.take(1);
    const plain = path.length === 0 ? "tensor" : unpackedName(path.join("."));
    const before = this.#names.get(plain) ?? 0;
    this.#names.set(plain, before + 1);
    const name = before === 0 ? plain : `${plain} (${before + 1})`;
    this.found.push({ name, tensor, ...standing });
  }
}

/** A quantized layer holds `(weight, bias)` as its packed parameters, in a wrapper or two. */
function unpackedName(name: string): string {
  return name.replace(/(\._packed_params)+(\.0)?\.([01])$/, (_, __, ___, part) => (part === "0" ? ".weight" : ".bias"));
}

function mayHold(value: PickleValue): boolean {
  return (
    tensorOf(value) !== undefined ||
    value instanceof PickleDict ||
    value instanceof PickleList ||
    value instanceof PickleTuple ||
    value instanceof PickleObject
  );
}
