/** The arms that `--arms` names. */
import type { ArmInfo } from "../study.js";
import { UserError } from "./user-error.js";

/** @throws UserError that lists the arms there are. */
export function selectArms<A extends ArmInfo>(arms: readonly A[], names: readonly string[] | undefined): A[] {
  if (names === undefined) return [...arms];
  const unknown = names.filter((name) => !arms.some((arm) => arm.name === name));
  if (unknown.length > 0) {
    throw new UserError(
      `--arms: expected names out of ${arms.map(({ name }) => name).join(", ")}; got ${unknown.map((name) => `"${name}"`).join(", ")}.`,
    );
  }
  return arms.filter(({ name }) => names.includes(name));
}
