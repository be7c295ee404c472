/**
 * What a checkpoint's variables are called in their network. Keys are ways through the program's objects, and where those lie in lists a key is a
 * number: Keras 3 exports "variables/9". The graph of objects, which is kept as a variable of its own, has the name beside each key.
 * tensorflow/core/protobuf/trackable_object_graph.proto
 */
import { Bytes } from "./table.js";

/** The key under which the graph lies. */
export const graphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";
export const largestGraph = 2 ** 26;

/**
 * @param bytes of the variable of one text: its length, a checksum of that, the text
 * @returns names by their keys; none where it can't be read, for numbers are sound without
 */
export function namesInGraph(bytes: Uint8Array): Map<string, string> {
  const names = new Map<string, string>();
  const fail = (problem: string) => new Error(problem);
  try {
    const stored = new Bytes(bytes, fail);
    const length = stored.varint();
    stored.take(4);
    for (const [field, node] of new Bytes(stored.take(length), fail).fields()) {
      if (field !== 1 || typeof node !== "object") continue;
      for (const [part, attribute] of new Bytes(node, fail).fields()) {
        if (part !== 2 || typeof attribute !== "object") continue;
        const texts = new Map<number, string>();
        for (const [which, text] of new Bytes(attribute, fail).fields()) {
          if (typeof text === "object") texts.set(which, new TextDecoder().decode(text));
        }
        const [name, key] = [texts.get(2)?.replace(/:\d+$/, ""), texts.get(3)];
        if (name && key) names.set(key, name);
      }
    }
  } catch {
    names.clear();
  }
  return names;
}

/** A variable that is listed under several keys, and what it is called. */
export interface NamedKey {
  readonly name: string;
  /** The name of the variable that this one is once more. */
  readonly copyOf?: string | undefined;
}

/** Whether a key says nothing of the variable: a part of it is the place in a list. */
const isNumbered = (key: string) => key.split("/").some((part) => /^\d+$/.test(part));
const listOf = (key: string) => key.replace(/(^|\/)\d+$/, "");

/**
 * Names of variables in place of keys that have only numbers for them. An exported model lists its variables twice, as its own and as those it
 * keeps.
 *
 * @param keys with the kind and the shape of what lies there
 * @param names of {@link namesInGraph}, by keys as they are here
 */
export function nameKeys(
  keys: readonly { readonly key: string; readonly what: string }[],
  names: ReadonlyMap<string, string>,
): Map<string, NamedKey> {
  const found = new Map<string, NamedKey>();
  const byName = new Map<string, { key: string; what: string }[]>();
  for (const each of keys) {
    const name = isNumbered(each.key) ? names.get(each.key) : undefined;
    if (name === undefined) continue;
    const others = byName.get(name);
    if (others) others.push(each);
    else byName.set(name, [each]);
  }
  const taken = new Set(keys.map(({ key }) => key));
  for (const [name, listed] of byName) {
    const own = listed.find(({ key }) => listOf(key) === "variables") ?? listed[0]!;
    const alike = listed.every(({ what }) => what === own.what);
    // Two of one list are two variables; their keys tell them apart.
    if (!alike || new Set(listed.map(({ key }) => listOf(key))).size < listed.length || taken.has(name)) continue;
    for (const { key } of listed) found.set(key, key === own.key ? { name } : { name: key, copyOf: name });
  }
  return found;
}
