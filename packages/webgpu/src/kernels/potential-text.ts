/** The potentials as WGSL, printed from core's formulas: a new potential in core is one here. */
import type { PairSpec, Potential } from "@comhe/core";
import {
  isTwoSided as isTwoSidedKind,
  keptFrom,
  kindOf,
  type Language,
  parameterOf,
  printFar,
  printPair,
  printPotential,
  wgsl,
} from "@comhe/core/formulas";

/** Beyond this cosine a pair is near: 2 − 2c has lost digits there (`nearChordSquared` of the reference backend). */
export const nearCosine = 0.995;
const nearChordSquared = 2 - 2 * nearCosine;

/** Whether closeness to −x_j counts as closeness to x_j does. */
export function isTwoSided({ potential, space }: Pick<PairSpec, "potential" | "space">): boolean {
  return isTwoSidedKind(kindOf(potential), space === "half");
}

/** WGSL has no overloading by the user: functions for four pairs at once, and for one, have names of their own. */
const four: Language = withFunctions(wgsl("vec4f"), "4");
const one: Language = withFunctions(wgsl("f32"), "1");

function withFunctions(language: Language, suffix: string): Language {
  return { ...language, halfAngle: (u, v) => `half_angle_${suffix}(${u}, ${v})` };
}

/**
 * atan √(u/v), within some units in the last place: WGSL's own atan may be off by 4096. Reduced to |r| ≤ tan(π/8), then the polynomial of the
 * Cephes library's atanf.
 */
export const halfAngleText = [
  { type: "f32", suffix: "1" },
  { type: "vec4f", suffix: "4" },
]
  .map(
    ({ type, suffix }) => `
fn arctangent_${suffix}(x: ${type}) -> ${type} {
  let isSteep = x > ${type}(2.414213562373095);
  let isMiddle = x > ${type}(0.4142135623730951);
  let steep = ${type}(-1.0) / max(x, ${type}(1e-30));
  let middle = (x - ${type}(1.0)) / (x + ${type}(1.0));
  let r = select(select(x, middle, isMiddle), steep, isSteep);
  let base = select(select(${type}(0.0), ${type}(0.7853981633974483), isMiddle), ${type}(1.5707963267948966), isSteep);
  let z = r * r;
  let tail = ((${type}(0.0805374449538) * z - ${type}(0.138776856032)) * z + ${type}(0.199777106478)) * z - ${type}(0.333329491539);
  return base + (tail * z * r + r);
}
fn half_angle_${suffix}(u: ${type}, v: ${type}) -> ${type} { return arctangent_${suffix}(sqrt(u / v)); }`,
  )
  .join("\n");

/** What a kernel wants of a pair: the energy alone, or K = ψ′ too. */
export type PairTerm = "value" | "slope";
const bothTerms: readonly PairTerm[] = ["value", "slope"];

/** Statements that set `value` and `slope`, vectors of ψ and K = ψ′, or one of them, from the cosines `c` of four pairs that aren't near. */
export function farText(
  { potential, space, separationFloor }: PairSpec,
  wanted: readonly PairTerm[] = bothTerms,
): string {
  const [kind, parameter, isHalf] = [kindOf(potential), parameterOf(potential), space === "half"];
  const floor = separationFloor ** 2;
  // A wide floor changes pairs that are far as well. A fiftieth more: the bound is a cosine's, the floor a chord's.
  const { uniformStatements, statements, results } =
    floor * 1.02 < nearChordSquared || !keptFrom(kind).near
      ? printFar(kind, parameter, isHalf, { language: four, wanted })
      : printPair({ kind, parameter, isHalf, floor }, { language: four, wanted, inputs: { c: "c" } });
  return `let u = 2.0 - 2.0 * c; let v = 2.0 + 2.0 * c; let q = 1.0 - c * c;
  ${[...uniformStatements, ...statements].join("\n  ")}
  ${assignments(wanted, results)}`;
}

const assignments = (wanted: readonly PairTerm[], results: Readonly<Record<PairTerm, string>>) =>
  wanted.map((term) => `${term} = ${results[term]};`).join(" ");

/** Statements that set `value` and `slope`, or one of them, of one pair from its squared chords `u` and `v`, clamped and continued. */
export function nearText(
  { potential, space, separationFloor }: PairSpec,
  wanted: readonly PairTerm[] = bothTerms,
): string {
  const energy = {
    kind: kindOf(potential),
    parameter: parameterOf(potential),
    isHalf: space === "half",
    floor: separationFloor ** 2,
  };
  const { uniformStatements, statements, results } = printPair(energy, { language: one, wanted });
  return `${[...uniformStatements, ...statements].join("\n  ")}
  ${assignments(wanted, results)}`;
}

/** Statements that declare `selfValue` and `selfSlope`, φ and κ at the squared chords `u` and `v`. */
export function bareText(potential: Potential): string {
  const { uniformStatements, statements, results } = printPotential(
    { kind: kindOf(potential), parameter: parameterOf(potential) },
    { language: one, wanted: ["value", "slope"] },
  );
  return `${[...uniformStatements, ...statements].join("\n  ")}
  let selfValue = ${results.value}; let selfSlope = ${results.slope};`;
}

/** A number in WGSL's text. */
export function numberText(value: number): string {
  const text = String(value);
  return `${value < 0 ? "(" : ""}${/[.e]/.test(text) ? text : `${text}.0`}${value < 0 ? ")" : ""}`;
}

/** Names a potential with its floor and space: kernels of one name have one text. */
export function pairName({ potential, space, separationFloor }: PairSpec): string {
  return `${kindOf(potential)} ${parameterOf(potential)} ${space} ${separationFloor}`;
}
