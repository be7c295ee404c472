/**
 * An editor for a config as JSON: the published schema's completion, and errors in place. CodeMirror, which is downloaded when the visitor first
 * goes to edit; until then, and where it can't be had, a plain text field does.
 */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import { EditorView, keymap } from "@codemirror/view";
import { energyJsonSchema } from "@comhe/core";
import { checkConfig } from "./check-config.js";
import { placeAt, rangeOf } from "./json-tree.js";
import { offeredKeys, offeredValues, type Schema } from "./schema-options.js";

const schema = energyJsonSchema() as Schema;

export interface EditorOptions {
  readonly text: string;
  /** What screen readers call it. */
  readonly label: string;
  readonly onChange: (text: string) => void;
}

export interface ConfigEditor {
  setText(text: string): void;
  focus(): void;
}

/** Puts an editor in place of what `into` holds. */
export function createEditor(into: HTMLElement, { text, label, onChange }: EditorOptions): ConfigEditor {
  const view = new EditorView({
    doc: text,
    extensions: [
      json(),
      history(),
      bracketMatching(),
      closeBrackets(),
      syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
      lintGutter(),
      linter(diagnose, { delay: 250 }),
      autocompletion({ override: [complete] }),
      // The tab key leaves the editor, as it leaves any field.
      keymap.of([...defaultKeymap, ...historyKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange(state.doc.toString())),
    ],
  });
  into.replaceChildren(view.dom);
  return {
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    focus: () => view.focus(),
  };
}

function diagnose({ state }: EditorView): Diagnostic[] {
  return checkConfig(state.doc.toString()).problems.map(({ path, key, message }) => ({
    ...rangeOf(state, path, key),
    severity: "error",
    message,
  }));
}

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const place = placeAt(state, pos);
  if (!place || (!explicit && place.from === pos)) return null;
  const value = leniently(state.doc.toString());
  const isKey = place.what === "key";
  const offers = isKey ? offeredKeys(schema, value, place.path) : offeredValues(schema, value, place.path);
  const options = offers.map(({ text, detail, info }): Completion => {
    const insert = isKey ? `${text}: ` : text;
    return {
      label: text,
      apply: insert,
      ...(detail && { detail }),
      ...(info && { info }),
      type: isKey ? "property" : "constant",
    };
  });
  // A bracket of the pair that was typed ahead goes with what it closed.
  const to = state.sliceDoc(pos, pos + 1) === '"' ? pos + 1 : pos;
  return { from: place.from, to, options, filter: true, validFor: /^"?\w*$/ };
}

/** What can be read of a text that is being typed: the objects that are whole, by cutting what isn't. */
function leniently(text: string): unknown {
  const repaired = text
    .replaceAll(/"[^"\n]*$/gm, "")
    .replaceAll(/("[\w-]+"\s*:?|:)\s*(?=[,}\]]|$)/g, (part) =>
      part.includes(":") ? part.replace(/:\s*$/, ":null") : part,
    )
    .replaceAll(/,\s*(?=[}\]])/g, "");
  for (const attempt of [text, repaired]) {
    try {
      return JSON.parse(attempt);
    } catch {
      // The next, or nothing.
    }
  }
  // Of kinds, at least, what stands in the text.
  const kinds = [...text.matchAll(/"(\w+)"\s*:\s*\{[^{}]*"kind"\s*:\s*"([\w-]+)"/g)];
  return Object.fromEntries(kinds.map(([, key, kind]) => [key, { kind }]));
}
