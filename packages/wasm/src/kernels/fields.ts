/**
 * What a description of fields is made of, and where each field lies. A command is a row of float64 numbers, its slots; a field is one
 * of them with a name and a type, and a group is several that commands share. `scripts/build-commands.mjs` makes
 * both sides from such a description, what writes the slots and what reads them, so that neither counts slots.
 */

/** Where an array begins, in bytes of the memory. */
export interface Located {
  readonly address: number;
}

/** One number of a command. */
export interface Field {
  /** How the number is read: `array` is an address, `choice` the index of one of `choices`. */
  readonly type: "int" | "real" | "flag" | "array" | "choice";
  /** Whether the host may leave it out; the kernels then read 0. */
  readonly isOptional: boolean;
  readonly choices?: readonly string[];
}

/** Fields that belong together, within a command or another group. */
export interface Group {
  readonly type: "group";
  readonly isOptional: boolean;
  /** The name of the class by which the kernels read it. */
  readonly name: string;
  readonly fields: Fields;
}

interface NamedGroup<N extends string, F extends Fields> extends Group {
  readonly name: N;
  readonly fields: F;
}

export type Fields = { readonly [name: string]: Field | Group };

export const int = { type: "int", isOptional: false } as const;
export const real = { type: "real", isOptional: false } as const;
export const flag = { type: "flag", isOptional: false } as const;
export const array = { type: "array", isOptional: false } as const;
export const optionalReal = { type: "real", isOptional: true } as const;
export const optionalArray = { type: "array", isOptional: true } as const;
export const choice = <const C extends readonly string[]>(choices: C) =>
  ({ type: "choice", isOptional: false, choices }) as const;
export const group = <const N extends string, const F extends Fields>(name: N, fields: F) =>
  ({ type: "group", isOptional: false, name, fields }) as const;
export const optionalGroup = <N extends string, F extends Fields>({ type, name, fields }: NamedGroup<N, F>) =>
  ({ type, isOptional: true, name, fields }) as const;

/** What the host gives for a field. */
type ValueOf<F> = F extends { readonly type: "group"; readonly fields: infer G extends Fields }
  ? ValuesOf<G>
  : F extends { readonly type: "int" | "real" }
    ? number
    : F extends { readonly type: "flag" }
      ? boolean
      : F extends { readonly type: "array" }
        ? Located
        : F extends { readonly choices: readonly (infer C)[] }
          ? C
          : never;

type OptionalNames<F extends Fields> = {
  [N in keyof F]: F[N] extends { readonly isOptional: true } ? N : never;
}[keyof F];

/** What the host gives for fields: a value for each, those that are optional aside. */
export type ValuesOf<F extends Fields> = { readonly [N in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[N]> } & {
  readonly [N in OptionalNames<F>]?: ValueOf<F[N]> | undefined;
};

/** How many slots a field or a group takes. */
export function slotCount(of: Field | Group): number {
  return of.type === "group" ? Object.values(of.fields).reduce((sum, field) => sum + slotCount(field), 0) : 1;
}

/** The slots of fields one after the other, the first of them at `first`. */
export function slotsOf(fields: Fields, first: number): { name: string; slot: number; field: Field | Group }[] {
  let slot = first;
  return Object.entries(fields).map(([name, field]) => {
    const at = { name, slot, field };
    slot += slotCount(field);
    return at;
  });
}
