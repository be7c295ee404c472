/** Places of a JSON text by path, and paths by place, from the tree that the editor parses as it is typed. */
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>["resolveInner"]>;

const textOf = (state: EditorState, { from, to }: SyntaxNode) => state.sliceDoc(from, to);

function nameOf(state: EditorState, property: SyntaxNode): string | undefined {
  const name = property.getChild("PropertyName");
  try {
    return name ? JSON.parse(textOf(state, name)) : undefined;
  } catch {
    return undefined;
  }
}

/** The value of a property: what follows its name. */
const contentOf = (property: SyntaxNode): SyntaxNode | null => {
  const last = property.lastChild;
  return last && last.name !== "PropertyName" ? last : null;
};

/** Where the value at `path` stands, or what of it there is; with a key, where that key stands in it. */
export function rangeOf(state: EditorState, path: readonly string[], key?: string): { from: number; to: number } {
  let node: SyntaxNode | null = syntaxTree(state).topNode.firstChild;
  let found = node;
  for (const name of path) {
    const property: SyntaxNode | undefined = node?.getChildren("Property").find((each) => nameOf(state, each) === name);
    if (!property) break;
    node = contentOf(property);
    found = node ?? property;
  }
  const unknown = node?.getChildren("Property").find((each) => nameOf(state, each) === key);
  const { from, to } = unknown?.getChild("PropertyName") ?? found ?? { from: 0, to: state.doc.length };
  return { from, to: Math.max(to, Math.min(from + 1, state.doc.length)) };
}

export interface Place {
  /** Of the object whose key is typed, or of the value. */
  readonly path: readonly string[];
  readonly what: "key" | "value";
  /** Where what is being typed begins. */
  readonly from: number;
}

/** What is being typed at `at`: a key or a value, and of what. */
export function placeAt(state: EditorState, at: number): Place | undefined {
  const node = syntaxTree(state).resolveInner(at, -1);
  const isToken = ["String", "Number", "True", "False", "Null", "PropertyName"].includes(node.name);
  const before = state.sliceDoc(0, at);
  const word = /["\w.-]*$/.exec(before)![0];
  const from = isToken ? node.from : at - word.length;
  const typed = before.slice(0, from).trimEnd();
  const path: string[] = [];
  for (let each: SyntaxNode | null = node; each; each = each.parent) {
    if (each.name !== "Property" || (each === node && !typed.endsWith(":"))) continue;
    const name = nameOf(state, each);
    if (name !== undefined) path.unshift(name);
  }
  if (typed.endsWith(":")) {
    // A value that isn't there yet: the tree may not have taken its property in.
    const name = /"((?:[^"\\]|\\.)*)"\s*:$/.exec(typed)?.[1];
    if (name !== undefined && path.at(-1) !== name) path.push(name);
    return { path, what: "value", from };
  }
  if (!typed.endsWith("{") && !typed.endsWith(",")) return undefined;
  if (node.name === "PropertyName") path.pop();
  return { path, what: "key", from };
}
