/** What the visitor chose, as form and as the page's address, so that a choice can be shared and tests can make one. */
import type { EnergyConfig } from "@comhe/core";
import type { BackendChoice } from "./backends.js";
import { fillForm, type ProjectionChoice, projections, seedOf } from "./settings-form.js";

export interface Settings {
  readonly count: number;
  readonly s: number;
  readonly space: "full" | "half";
  readonly projection: ProjectionChoice;
  readonly backend: BackendChoice;
  readonly seed: number;
}

const defaults: Settings = { count: 32, s: 1, space: "full", projection: "none", backend: "here", seed: 1 };

/** From `?count=12&s=1…`; what is missing or isn't a choice takes its default. */
export function settingsFromAddress(form: HTMLFormElement, address: string): Settings {
  const given = Object.fromEntries(new URLSearchParams(address));
  fillForm(form, { ...defaults, ...given });
  return settingsOf(form, seedOf(given.seed, defaults.seed));
}

export function settingsOf(form: HTMLFormElement, seed: number): Settings {
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

/** The energy that is minimized. */
export function energyOf({ s, space, projection }: Settings): EnergyConfig {
  const potential = { kind: "riesz", s, distance: "chordal" } as const;
  return { potential, space, projection: projections[projection] };
}
