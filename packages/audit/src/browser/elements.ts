/** Elements made by hand: text is always text. */

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** `element("button", { type: "button", click: start }, "Start")`. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Of a page whose HTML has it. */
export const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Hands a file to the browser's downloads: no connection is made. */
export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
