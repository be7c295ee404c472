/** Settings as a form's fields and as the page's address; and the projections that one can choose. */

/** Puts values into the fields of their names; what isn't a choice of a list leaves the list as it is. */
export function fillForm(form: HTMLFormElement, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
    if (field instanceof HTMLSelectElement && [...field.options].some((option) => option.value === String(value))) {
      field.value = String(value);
    }
  }
}

/** A seed from an address: a whole number from 0 on, or `otherwise`. */
export function seedOf(given: string | null | undefined, otherwise: number): number {
  const seed = Number(given ?? otherwise);
  return Number.isInteger(seed) && seed >= 0 ? seed : otherwise;
}

export const addressOf = (settings: object): string =>
  `?${new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)]))}`;

/** From the three dimensions of the sphere, a projection leads to the plane. */
export const projections = {
  none: { kind: "none" },
  random: { kind: "random", dimension: 2 },
  adversarial: { kind: "adversarial", dimension: 2 },
  "angle-preserving": { kind: "angle-preserving", dimension: 2 },
} as const;

export type ProjectionChoice = keyof typeof projections;
