/** A check is a family of cases with one name; all of its cases run, and its error lists those that fail. */
import { type Backend, EnergyError } from "@comhe/core";
import type { Skip } from "./options.js";

export interface Case {
  readonly name: string;
  /** @throws whatever says how the backend errs */
  run<A>(backend: Backend<A>): Promise<void>;
}

/** Thrown by a case that meets something optional which the backend doesn't have, as the contract allows. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

/** A family of cases as the suite states it. */
export interface CheckFamily {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** A family of cases that runs on its own, as {@link conformanceChecks} lists it. */
export interface Check {
  /** The check's name, with the tolerance where there is one: `pairwise (energy 1e-4, gradient 1e-4)`. */
  readonly name: string;
  /** The names of the cases that run. */
  readonly cases: readonly string[];
  /** The cases that are left out. */
  readonly skipped: readonly {
    /** The case's name. */
    readonly name: string;
    /** What of the options leaves it out, and why. */
    readonly skip: Skip;
  }[];
  /**
   * Runs every case on one backend.
   *
   * @returns what the backend doesn't offer, in words, where the contract leaves that open
   * @throws Error naming each case that fails, with what it found
   */
  run<A>(backend: Backend<A>): Promise<readonly string[]>;
}

/** Failures told in full; the others are counted. */
const mostFailuresTold = 8;

export function makeCheck({ name, cases }: CheckFamily, skips: readonly Skip[]): Check {
  const title = (each: Case) => `${name}: ${each.name}`;
  const skipOf = (each: Case) => skips.find(({ what }) => title(each).includes(what));
  const running = cases.filter((each) => !skipOf(each));
  return {
    name,
    cases: running.map((each) => each.name),
    skipped: cases.flatMap((each) => {
      const skip = skipOf(each);
      return skip ? [{ name: title(each), skip }] : [];
    }),
    async run(backend) {
      const failures: { readonly name: string; readonly error: unknown }[] = [];
      const notOffered = new Set<string>();
      for (const each of running) {
        try {
          await each.run(backend);
        } catch (error) {
          if (error instanceof NotOffered) notOffered.add(error.message);
          else failures.push({ name: each.name, error });
        }
      }
      if (failures.length === 0) return [...notOffered];
      const told = failures.slice(0, mostFailuresTold).map(({ name: of, error }) => `  ${of}: ${describe(error)}`);
      const more = failures.length > told.length ? `\n  and ${failures.length - told.length} more` : "";
      throw new Error(
        `${backend.name}, ${name}: ${failures.length} of ${running.length} cases fail\n${told.join("\n")}${more}`,
        { cause: failures[0]!.error },
      );
    },
  };
}

function describe(error: unknown): string {
  if (!EnergyError.isInstance(error)) return error instanceof Error ? error.message : String(error);
  const advice = error.code === "unsupported" ? " (If that is a limit of the backend, list it under `skip`.)" : "";
  return `refused as "${error.code}": ${error.message}${advice}`;
}
