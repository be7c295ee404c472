/** What the visitor chose, as form and as the page's address, so that a choice can be shared and tests can make one. */
import type { EnergyConfig } from "@comhe/core";
import {
  fillForm,
  type ProjectionChoice,
  projections,
  seedOf,
} from "../../../../examples/thomson-sphere/src/settings-form.js";
import type { BackendChoice } from "./backends.js";

export type PotentialKind = "riesz" | "gaussian" | "frame";

export interface Settings {
  readonly count: number;
  readonly kind: PotentialKind;
  /** s, t or p, as the potential has it. */
  readonly exponent: number;
  readonly space: "full" | "half";
  readonly projection: ProjectionChoice;
  readonly backend: BackendChoice;
  readonly seed: number;
}

export const defaults: Settings = {
  count: 100,
  kind: "riesz",
  exponent: 1,
  space: "full",
  projection: "none",
  backend: "fastest",
  seed: 1,
};

const mostElectrons = 5000;

/** The slider's thousand places lie evenly by ratio: 2 at its left end, 5,000 at its right. */
export const countAt = (place: number): number => Math.round(2 * (mostElectrons / 2) ** (place / 1000));
const placeOf = (count: number): number => Math.round((1000 * Math.log(count / 2)) / Math.log(mostElectrons / 2));

/** What the number beside a potential is, what it may be, and what it means. */
export const exponents: Readonly<
  Record<PotentialKind, { name: string; usual: number; meaning(value: number): string }>
> = {
  riesz: {
    name: "Exponent s, above −2",
    usual: 1,
    meaning: (s) =>
      s === 1
        ? "s = 1 is Thomson's problem of 1904: electrons as in physics."
        : s === 0
          ? "s = 0 stands for the logarithm, −log r: Whyte's problem."
          : s === 2
            ? "s = 2 is what the regularizer MHE uses."
            : s < 0
              ? `s = ${s}: the sum of distances to the power ${-s}, as large as can be; bounded, however close two electrons come.`
              : s > 4
                ? "The larger s, the more the nearest pairs alone matter."
                : "Each pair adds 1/rˢ, r its distance.",
  },
  gaussian: {
    name: "Sharpness t, above 0",
    usual: 4,
    meaning: () => "Each pair adds exp(−t·r²): no force at distance 0, and little far away.",
  },
  frame: {
    name: "Power p, 2 or more",
    usual: 2,
    meaning: (p) => `Each pair adds |cos|^${p}: least where the lines are spread, whatever side they point to.`,
  },
};

/** From `?count=12&kind=riesz&exponent=1…`; what is missing or isn't a choice takes its default. */
export function settingsFromAddress(form: HTMLFormElement, address: string): Settings {
  const given = Object.fromEntries(new URLSearchParams(address));
  const kind =
    given.kind !== undefined && Object.hasOwn(exponents, given.kind) ? (given.kind as PotentialKind) : defaults.kind;
  const exponent = Number(given.exponent ?? exponents[kind].usual);
  const count = Math.round(Number(given.count ?? defaults.count));
  const whole = count >= 2 && count <= mostElectrons ? count : defaults.count;
  fillForm(form, { ...defaults, ...given, kind, exponent, count: placeOf(whole) });
  // Of the slider's places not every number has one.
  return { ...settingsOf(form, seedOf(given.seed, defaults.seed)), count: whole };
}

export function settingsOf(form: HTMLFormElement, seed: number): Settings {
  const fields = new FormData(form);
  const text = (name: keyof Settings) => String(fields.get(name) ?? defaults[name]);
  return {
    count: countAt(Number(text("count"))),
    kind: text("kind") as PotentialKind,
    exponent: text("exponent").trim() === "" ? Number.NaN : Number(text("exponent")),
    space: text("space") as Settings["space"],
    projection: text("projection") as Settings["projection"],
    backend: text("backend") as BackendChoice,
    seed,
  };
}

/** The energy that is minimized. What is wrong with it, the library says. */
export function energyOf({ kind, exponent, space, projection }: Settings): EnergyConfig {
  const potential =
    kind === "riesz"
      ? ({ kind, s: exponent, distance: "chordal" } as const)
      : kind === "gaussian"
        ? ({ kind, t: exponent } as const)
        : ({ kind, p: exponent } as const);
  return { potential, space, projection: projections[projection] };
}
