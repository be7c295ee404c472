/**
 * Where a checkpoint keeps its weights. Training scripts save dicts of their own making, in which the weights stand beside
 * optimizers, averaged copies, settings and metrics. What is a network is told by the names that scripts use for them and
 * by what the values hold; whatever isn't taken is left out with the reason.
 */
import type { SkippedTensor } from "../../../layer-source.js";
import { PickleDict, PickleObject, type PickleValue } from "../pickle/values.js";
import { type Child, checkDepth, childrenOf, isOptimizerState, moduleOf, type Steps, tensorOf } from "./contents.js";
import { holdsMatrix, tensorsWithin } from "./tensors-within.js";

/** A network within the file. */
export interface Section {
  /** Names under which it stands, from the outside in. */
  readonly path: readonly string[];
  readonly value: PickleValue;
}

export interface Sections {
  readonly networks: Section[];
  readonly skipped: SkippedTensor[];
  readonly notes: string[];
}

/** Names for a network's weights; where two of them hold the same network, the earlier one counts. */
const weightNames = [
  "state_dict",
  "model_state_dict",
  "model_state",
  "model_weights",
  "model",
  "net_state_dict",
  "net_state",
  "net",
  "network_state_dict",
  "network",
  "module_state_dict",
  "module",
  "params",
  "parameters",
  "weights",
];

const optimizerName = /^(\w+_)?(optim|optimi[sz]er|opt)s?(_?(state|states|state_?dicts?|dict|[a-z]|\d+))*$/i;
const averageName = /(^|[._-])(ema|averaged?|avg|swa|polyak|shadow)([._-]|\d|$)/i;
const settingsName =
  /^(hyper_?parameters|hparams|callbacks|loops|args|cfg|config|opts?|options|metrics|history|metadata)$/i;

/** @throws PickleProblem for what is nested without end */
export function findSections(root: PickleValue, steps: Steps): Sections {
  const found: Sections = { networks: [], skipped: [], notes: [] };
  search({ path: [], value: root }, steps, found);
  return found;
}

function search(section: Section, steps: Steps, found: Sections): void {
  const { path, value } = section;
  checkDepth(path.length);
  const parts = plainParts(value);
  const leaveOut = (name: string, reason: string) =>
    found.skipped.push({ name: [...path, name].join("."), shape: [], dataType: "", reason });
  if (parts === undefined) {
    found.networks.push(section);
    return;
  }
  steps.take(1 + parts.length);
  const containers: Child[] = [];
  let bare = 0;
  for (const part of parts) {
    const [name, child] = part;
    if (tensorOf(child) !== undefined) bare += holdsMatrix(child, steps) ? 1 : 0;
    else if (isOptimizerState(child) || (optimizerName.test(name) && tensorCount(child, steps) > 0)) {
      leaveOut(name, `an optimizer's state, of ${countTensors(child, steps)}`);
    } else if (holdsMatrix(child, steps)) containers.push(part);
  }
  const named = weightNames.flatMap((name) => containers.filter(([key]) => key.toLowerCase() === name));
  const flat = parts.some(([name]) => name.includes("."));
  if (named.length === 0 && (bare > 0 || flat || containers.length === 0)) {
    // A state_dict itself, whose names have dots, or a network's own tree.
    found.networks.push(section);
    return;
  }
  const averaged = containers.filter((part) => averageName.test(part[0]) && !named.includes(part));
  const others = containers.filter((part) => !named.includes(part) && !averaged.includes(part));
  const networks = [...withoutCopies(named, steps, leaveOut)];
  for (const part of others) {
    const [name, child] = part;
    if (named.length === 0 || (!settingsName.test(name) && looksLikeWeights(child))) networks.push(part);
    else leaveOut(name, `beside the weights under "${named[0]![0]}", and not among them`);
  }
  if (named.length > 0 && bare > 0) {
    for (const [name, child] of parts) {
      const tensor = tensorOf(child);
      if (tensor === undefined) continue;
      const { shape } = tensor.view;
      const reason = `beside the weights under "${named[0]![0]}", and not among them`;
      found.skipped.push({ name: [...path, name].join("."), shape, dataType: tensor.dataType, reason });
    }
  }
  for (const part of averaged) {
    const [name, child] = part;
    const original = networks.find(([, network]) => isCopy(child, network, steps));
    if (original === undefined) {
      networks.push(part);
      found.notes.push(`"${[...path, name].join(".")}" holds averaged weights (EMA) of no other network in the file`);
    } else {
      leaveOut(name, `an averaged copy (EMA) of "${original[0]}", of ${countTensors(child, steps)}`);
    }
  }
  if (networks.length === 1 && containers.length > 1)
    found.notes.push(`the weights under "${[...path, networks[0]![0]].join(".")}" were read`);
  for (const [name, child] of networks) search({ path: [...path, name], value: child }, steps, found);
}

/** The parts of a dict or a list, or of an object that is no module, such as a trainer; a network's own tree isn't taken apart. */
function plainParts(value: PickleValue): Child[] | undefined {
  if (tensorOf(value) !== undefined || moduleOf(value) !== undefined) return undefined;
  if (value instanceof PickleObject && value.type.module.startsWith("__torch__")) return undefined;
  return childrenOf(value);
}

/** A module, or a dict with a name of PyTorch's for a tensor. */
function looksLikeWeights(value: PickleValue): boolean {
  if (moduleOf(value) !== undefined) return true;
  if (!(value instanceof PickleDict)) return false;
  for (const [key, entry] of value.entries) {
    if (typeof key !== "string") continue;
    if (tensorOf(entry) !== undefined ? /(^|\.)(weight|bias|kernel|embedding)/.test(key) : looksNested(key, entry))
      return true;
  }
  return false;
}

/** A network under a name of its own within another dict: `{ "generator": { "state_dict": … } }`. */
function looksNested(key: string, entry: PickleValue): boolean {
  return weightNames.includes(key.toLowerCase()) && (entry instanceof PickleDict || moduleOf(entry) !== undefined);
}

/** Scripts save a model and its state_dict side by side: the same names and shapes. */
function withoutCopies(
  named: readonly Child[],
  steps: Steps,
  leaveOut: (name: string, reason: string) => void,
): Child[] {
  const kept: Child[] = [];
  for (const part of named) {
    const original = kept.find(([, value]) => isCopy(part[1], value, steps));
    if (original === undefined) kept.push(part);
    else leaveOut(part[0], `the same network as "${original[0]}", which was read, of ${countTensors(part[1], steps)}`);
  }
  return kept;
}

/** Whether each matrix of one is in the other by name and shape; where names are lost (a list), by shape alone. */
function isCopy(copy: PickleValue, original: PickleValue, steps: Steps): boolean {
  const matrices = (value: PickleValue) =>
    tensorsWithin(value, steps).filter(({ tensor, aside }) => aside === undefined && tensor.view.shape.length >= 2);
  const shapeOf = ({ tensor }: { tensor: { view: { shape: readonly number[] } } }) => tensor.view.shape.join("×");
  const bare = (name: string) => name.replace(/^(module|model|shadow|_orig_mod|state_dict)\./, "");
  const theirs = matrices(original);
  const mine = matrices(copy);
  const names = new Set(theirs.map((found) => `${bare(found.name)} ${shapeOf(found)}`));
  if (mine.every((found) => names.has(`${bare(found.name)} ${shapeOf(found)}`))) return true;
  const unnamed = mine.every(({ name }) => /(^|\.)\d+$/.test(name));
  const shapes = new Set(theirs.map(shapeOf));
  return unnamed && mine.every((found) => shapes.has(shapeOf(found)));
}

const tensorCount = (value: PickleValue, steps: Steps): number => tensorsWithin(value, steps).length;

function countTensors(value: PickleValue, steps: Steps): string {
  const count = tensorCount(value, steps);
  return `${count} ${count === 1 ? "tensor" : "tensors"}`;
}
