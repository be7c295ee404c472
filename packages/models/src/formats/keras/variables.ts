/**
 * A Keras file's variables, whichever way it keeps them. Keras 3 numbers them under a path made of classes or attributes
 * (`layers/dense_1/vars/0`); older files name them under the layer's name (`dense_1/dense_1/kernel:0`).
 */
import type { Hdf5Dataset, Hdf5Group } from "../../hdf5/hdf5-file.js";

export interface Variable {
  /** What it belongs to, as shown: "encoder/dense_1". */
  readonly shown: string;
  /** Names along the path, outermost first, without what is common to all. */
  readonly path: readonly string[];
  /** The layer's own name, where the file says it. */
  readonly layerName: string | undefined;
  /** "kernel", or a number where variables are numbered. */
  readonly key: string;
  readonly dataset: Hdf5Dataset;
  /** All variables of the same object, itself included, by their keys. */
  readonly siblings: ReadonlyMap<string, Hdf5Dataset>;
  /** Why it is no weight, where its place says so. */
  readonly reason?: string | undefined;
}

/** Groups that only hold others. */
const containers = new Set(["layers", "_layer_checkpoint_dependencies", "vars"]);
const optimizerState = "state of the optimizer, not a weight";

/** Whether the file is one of Keras'. */
export function isKeras(root: Hdf5Group): boolean {
  const weights = root.groups.get("model_weights") ?? root;
  if (hasLayerNames(weights)) return true;
  if (root.attributes.has("keras_version")) return true;
  return someGroup(root, (group) => group.groups.has("vars"));
}

/** Lists that are longer than an attribute may be are cut into "layer_names0", "layer_names1", … */
const hasLayerNames = ({ attributes }: Hdf5Group) => attributes.has("layer_names") || attributes.has("layer_names0");

function someGroup(group: Hdf5Group, test: (group: Hdf5Group) => boolean): boolean {
  return test(group) || [...group.groups.values()].some((child) => someGroup(child, test));
}

export function listVariables(root: Hdf5Group): Variable[] {
  const result: Variable[] = [];
  const weights = root.groups.get("model_weights") ?? (hasLayerNames(root) ? root : undefined);
  if (weights === root) {
    for (const [layer, child] of orderedGroups(root)) collectNamed(child, [layer], undefined, result);
    return result;
  }
  for (const [name, group] of root.groups) {
    const optimizer = /^(optimizer_weights|optimizer|_optimizer)$/.test(name);
    if (optimizer) collect(group, [name], "", optimizerState, result);
    else if (group === weights) {
      for (const [layer, child] of orderedGroups(weights)) collectNamed(child, [layer], undefined, result);
    } else if (weights === undefined) collect(group, [name], "", undefined, result);
    else collect(group, [name], "", "outside of the model's weights", result);
  }
  addDatasets(root, { path: [], shown: "", layerName: undefined, reason: undefined }, result);
  return result;
}

/** In the order of the network, where the file says it. */
function orderedGroups(group: Hdf5Group): [string, Hdf5Group][] {
  const listed = [group.attributes.get("layer_names") ?? []].flat();
  for (let n = 0; ; n++) {
    const more = group.attributes.get(`layer_names${n}`);
    if (more === undefined) break;
    listed.push(...[more].flat());
  }
  const order = new Map(listed.map((name, n) => [name, n] as const));
  const place = ([name]: [string, Hdf5Group]) => order.get(name) ?? order.size;
  return [...group.groups].sort((a, b) => place(a) - place(b));
}

function collect(
  group: Hdf5Group,
  path: readonly string[],
  outer: string,
  reason: string | undefined,
  result: Variable[],
): void {
  const own = group.groups.get("vars")?.attributes.get("name");
  const layerName = typeof own === "string" ? own : undefined;
  const segment = path.at(-1)!;
  // Paths below "layers" are made of classes, and names tell more; elsewhere they are the program's own words.
  const label = containers.has(segment) ? undefined : path[0] === "layers" ? (layerName ?? segment) : segment;
  const shown = label === undefined || label === outer ? outer : outer === "" ? label : `${outer}/${label}`;
  addDatasets(group, { path, shown, layerName, reason }, result);
  for (const [name, child] of group.groups) {
    if (name === "vars") addDatasets(child, { path, shown, layerName, reason }, result);
    else collect(child, [...path, name], shown, reason, result);
  }
}

/** A layer's group in a file before Keras 3: the variables' own names begin with the layer's, or its model's. */
function collectNamed(group: Hdf5Group, path: readonly string[], reason: string | undefined, result: Variable[]): void {
  const shown = path.length > 1 ? path.slice(1).join("/") : path[0]!;
  addDatasets(group, { path, shown, layerName: undefined, reason }, result);
  for (const [name, child] of group.groups) collectNamed(child, [...path, name], reason, result);
}

type Place = Pick<Variable, "path" | "shown" | "layerName" | "reason">;

function addDatasets(group: Hdf5Group, place: Place, result: Variable[]): void {
  const siblings = new Map([...group.datasets].map(([name, dataset]) => [name.replace(/:\d+$/, ""), dataset] as const));
  for (const [key, dataset] of siblings) result.push({ ...place, key, dataset, siblings });
}
