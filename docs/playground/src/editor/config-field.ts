/** A plain text field that becomes an editor when someone goes to edit. */
import type { ConfigEditor } from "./config-editor.js";

export interface ConfigField {
  readonly text: string;
  setText(text: string): void;
}

/** @param onChange is called with each change, by the visitor or by `setText` */
export function createField(into: HTMLElement, label: string, first: string, onChange: () => void): ConfigField {
  let text = first;
  let editor: ConfigEditor | undefined;
  const field = document.createElement("textarea");
  field.value = first;
  field.spellcheck = false;
  field.setAttribute("aria-label", label);
  field.rows = 8;
  const changed = (next: string) => {
    text = next;
    onChange();
  };
  field.addEventListener("input", () => changed(field.value));
  const become = async () => {
    const { createEditor } = await import("./config-editor.js");
    const focused = document.activeElement === field;
    editor = createEditor(into, { text, label, onChange: changed });
    if (focused) editor.focus();
  };
  // Where it can't be downloaded the field goes on as it is.
  field.addEventListener("focus", () => void become().catch(() => undefined), { once: true });
  into.replaceChildren(field);
  return {
    get text() {
      return text;
    },
    setText(next) {
      field.value = next;
      if (editor) editor.setText(next);
      else changed(next);
    },
  };
}
