/** What the visitor chose, as form and as the page's address, so that a choice can be shared and tests can make one. */
import type { EnergyConfig } from "@comhe/core";
import type { BackendChoice } from "./backends.js";

export interface Settings {
  readonly count: number;
  readonly s: number;
  readonly space: "full" | "half";
  readonly projection: "none" | "random" | "adversarial" | "angle-preserving";
  readonly backend: BackendChoice;
  readonly seed: number;
}

const defaults: Settings = { count: 32, s: 1, space: "full", projection: "none", backend: "here", seed: 1 };

/** From `?count=12&s=1…`; what is missing or isn't a choice takes its default. */
export function settingsFromAddress(form: HTMLFormElement, address: string): Settings {
  const given = new URLSearchParams(address);
  const seed = Number(given.get("seed") ?? defaults.seed);
  for (const [name, value] of Object.entries({ ...defaults, ...Object.fromEntries(given) })) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
    if (field instanceof HTMLSelectElement && [...field.options].some((option) => option.value === String(value))) {
      field.value = String(value);
    }
  }
  return { ...settingsOf(form), seed: Number.isInteger(seed) && seed >= 0 ? seed : defaults.seed };
}

export function settingsOf(form: HTMLFormElement, seed: number = defaults.seed): Settings {
  const fields = new FormData(form);
  const text = (name: string) => String(fields.get(name) ?? defaults[name as keyof Settings]);
  return {
    count: Number(text("count")),
    s: Number(text("s")),
    space: text("space") as Settings["space"],
    projection: text("projection") as Settings["projection"],
    backend: text("backend") as BackendChoice,
    seed,
  };
}

export function addressOf(settings: Settings): string {
  return `?${new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)]))}`;
}

/** From the three dimensions of the sphere, a projection leads to the plane. */
const projections = {
  none: { kind: "none" },
  random: { kind: "random", dimension: 2 },
  adversarial: { kind: "adversarial", dimension: 2 },
  "angle-preserving": { kind: "angle-preserving", dimension: 2 },
} as const;

/** The energy that is minimized. */
export function energyOf({ s, space, projection }: Settings): EnergyConfig {
  const potential = { kind: "riesz", s, distance: "chordal" } as const;
  return { potential, space, projection: projections[projection] };
}
