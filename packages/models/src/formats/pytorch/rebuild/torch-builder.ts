/**
 * The only calls that a checkpoint's pickle may make: those that rebuild tensors, and those that make plain containers.
 * All of it becomes data; of everything else, a name is kept, and a call is refused by that name.
 *
 * Source of the tensors' calls: PyTorch, torch/_utils.py, torch/_tensor.py; of TorchScript's, torch/jit/_pickle.py.
 */

import { type Budget, entryCost } from "../pickle/budget.js";
import type { Builder } from "../pickle/machine.js";
import { latin1Bytes, PickleProblem } from "../pickle/pickle-cursor.js";
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from "../pickle/values.js";
import { checkName, isNumpy, plainClasses, refusal } from "./names.js";
import { arrayOf, NumpyArray, NumpyType } from "./numpy-values.js";
import { storageOf } from "./persistent.js";
import { rebuildTensor, tensorCalls } from "./rebuild-tensor.js";
import { StorageReference, TensorReference, wholeNumbers } from "./tensor-reference.js";

export class TorchBuilder implements Builder {
  /** Every storage that the pickle names, in its order. */
  readonly storages: StorageReference[] = [];
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  find(module: string, name: string): PickleGlobal {
    checkName(module, name);
    return new PickleGlobal(module, name);
  }

  persistent(id: PickleValue): PickleValue {
    const stored = storageOf(id);
    if (stored instanceof StorageReference) this.storages.push(stored);
    return stored;
  }

  /** An instance of whatever class: its name, and what is stored for it. A module comes so. */
  create(type: PickleValue, args: readonly PickleValue[]): PickleValue {
    const named = this.#named(type);
    return this.#container(named.path, args) ?? this.#numpy(named.path, args) ?? new PickleObject(named, args);
  }

  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue {
    const named = this.#named(callee);
    const { path, module } = named;
    if (tensorCalls.has(path)) return rebuildTensor(path, args);
    if (path === "torch._tensor._rebuild_from_type_v2" || path === "torch._tensor._rebuild_from_type") {
      return this.#fromType(args);
    }
    if (path === "torch.storage._load_from_bytes") return this.#nested(args);
    if (module === "torch.jit._pickle" || path === "torch.Size") return this.#typedList(args);
    if (path === "_codecs.encode") return encoded(args);
    if (path === "copyreg._reconstructor" || path === "copy_reg._reconstructor") return this.#reconstructed(args);
    if (path === "copyreg.__newobj__" || path === "copy_reg.__newobj__")
      return this.create(args[0] ?? null, args.slice(1));
    if (path === "builtins.getattr" || path === "__builtin__.getattr") return this.#member(args);
    // A type such as Dict[str, int], in a checkpoint's settings.
    if (path === "operator.getitem" && args[0] instanceof PickleGlobal && args[0].module === "typing") return args[0];
    const plain = this.#container(path, args) ?? this.#numpy(path, args);
    if (plain !== undefined) return plain;
    // TorchScript's own classes and enumerations: what they are is text in the archive, which isn't read.
    if (plainClasses.has(path) || module.startsWith("__torch__")) return new PickleObject(named, args);
    throw refusal(path, "calls");
  }

  #named(value: PickleValue): PickleGlobal {
    if (value instanceof PickleGlobal) return value;
    throw new PickleProblem("its pickle calls what is no class and no function");
  }

  /** Copies are counted: a list may be named ten thousand times. */
  #itemsOf(value: PickleValue | undefined): PickleValue[] {
    if (value === undefined) return [];
    if (value instanceof PickleList || value instanceof PickleTuple || value instanceof PickleSet) {
      this.#budget.spend(value.items.length);
      return [...value.items];
    }
    if (value instanceof PickleDict) {
      this.#budget.spend(value.entries.size);
      return [...value.entries.keys()];
    }
    throw new PickleProblem("its pickle makes a container of what is none");
  }

  #dictOf(value: PickleValue | undefined): PickleDict {
    const dict = new PickleDict();
    if (value === undefined) return dict;
    if (value instanceof PickleDict) {
      this.#budget.spend(entryCost * value.entries.size);
      for (const [key, entry] of value.entries) dict.entries.set(key, entry);
      return dict;
    }
    // Python 2's OrderedDict is made of a list of pairs.
    for (const pair of this.#itemsOf(value)) {
      const [key, entry, ...rest] = pair instanceof PickleTuple || pair instanceof PickleList ? pair.items : [];
      if (key === undefined || entry === undefined || rest.length > 0) {
        throw new PickleProblem("its pickle makes a dict of what are no pairs");
      }
      this.#budget.spend(entryCost);
      dict.entries.set(key, entry);
    }
    return dict;
  }

  #container(path: string, args: readonly PickleValue[]): PickleValue | undefined {
    switch (path) {
      case "collections.OrderedDict":
      case "collections.Counter":
      case "builtins.dict":
      case "__builtin__.dict":
      case "torch._C._ModuleDict":
        return this.#dictOf(args[0]);
      case "collections.defaultdict":
        return this.#dictOf(args[1]);
      case "builtins.list":
      case "__builtin__.list":
      case "collections.deque":
        return new PickleList(this.#itemsOf(args[0]));
      case "builtins.tuple":
      case "__builtin__.tuple":
        return new PickleTuple(this.#itemsOf(args[0]));
      case "builtins.set":
      case "__builtin__.set":
      case "builtins.frozenset":
      case "__builtin__.frozenset":
        return new PickleSet(this.#itemsOf(args[0]));
      case "builtins.bytearray":
      case "__builtin__.bytearray":
      case "builtins.bytes":
        return args[0] instanceof Uint8Array ? args[0] : args.length === 0 ? new Uint8Array(0) : encoded(args);
      default:
        return undefined;
    }
  }

  #numpy(path: string, args: readonly PickleValue[]): PickleValue | undefined {
    if (isNumpy(path, "multiarray._reconstruct", "ndarray")) return new NumpyArray();
    if (path === "numpy.dtype" && typeof args[0] === "string") return new NumpyType(args[0]);
    if (isNumpy(path, "multiarray.scalar") && args[0] instanceof NumpyType) {
      return args[1] instanceof Uint8Array || typeof args[1] === "string" ? arrayOf([], args[0], false, args[1]) : null;
    }
    if (isNumpy(path, "numeric._frombuffer")) {
      const [data, type, shape, order] = args;
      if (!(type instanceof NumpyType)) throw new PickleProblem("a NumPy array of it has no type");
      return arrayOf(wholeNumbers(shape), type, order === "F", data);
    }
    return undefined;
  }

  /** A tensor of a subclass, or one with attributes. */
  #fromType([callee, type, args]: readonly PickleValue[]): PickleValue {
    if (!(args instanceof PickleTuple) || callee === undefined) throw new PickleProblem("a tensor of it has no parts");
    const made = this.call(callee, args.items);
    if (!(made instanceof TensorReference)) throw new PickleProblem("a tensor of it is made of something else");
    const named = type instanceof PickleGlobal ? type : undefined;
    if (named && named.path !== "torch.Tensor" && named.path !== "torch._C.TensorBase") made.subclass = named.path;
    if (named?.path === "torch.nn.parameter.Parameter") made.isParameter = true;
    return made;
  }

  /** A plain `pickle.dump` of a tensor holds its storage as a whole file of `torch.save`. */
  #nested([bytes]: readonly PickleValue[]): PickleValue {
    if (!(bytes instanceof Uint8Array)) throw new PickleProblem("a storage of it has no bytes");
    const storage = new StorageReference(`${this.storages.length} in the pickle`, "unknown", 0);
    storage.nested = bytes;
    this.storages.push(storage);
    return storage;
  }

  /** TorchScript's lists and dicts with their types; shapes. */
  #typedList([value]: readonly PickleValue[]): PickleValue {
    return value ?? new PickleList();
  }

  /** An instance in the way of protocols 0 and 1: `(class, base, what the base is made of)`. */
  #reconstructed([type, base, state]: readonly PickleValue[]): PickleValue {
    const object = new PickleObject(this.#named(type ?? null));
    if (!(base instanceof PickleGlobal)) return object;
    const made = this.#container(base.path, state === undefined || state === null ? [] : [state]);
    if (made instanceof PickleDict) for (const [key, value] of made.entries) object.entries.set(key, value);
    else if (made instanceof PickleList) for (const item of made.items) object.items.push(item);
    return object;
  }

  /** A class within a class, or an enumeration's member: a longer name. */
  #member([owner, name]: readonly PickleValue[]): PickleValue {
    if (!(owner instanceof PickleGlobal) || typeof name !== "string") throw refusal("builtins.getattr", "calls");
    return this.find(owner.module, `${owner.name}.${name.slice(0, 200)}`);
  }
}

/** Bytes in the way of protocol 2: text of characters up to 0xff. */
function encoded([text, encoding]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== "string") throw new PickleProblem("bytes of it are made of what is no text");
  if (typeof encoding === "string" && /^utf-?8$/i.test(encoding)) return new TextEncoder().encode(text);
  const bytes = latin1Bytes(text);
  if (bytes === undefined) throw new PickleProblem("bytes of it are made of text that is no latin1");
  return bytes;
}
