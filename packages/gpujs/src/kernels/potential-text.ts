/**
 * The potentials as kernel text, written from core's formulas (`@comhe/core/formulas`), clamped and continued along the tangent.
 *
 * A pair travels between kernels as one number, its *code* e: its cosine where the pair is far, ±2/u where it is near x_j or
 * −x_j (u its squared chord, exact, at most 1e-2, so |e| ≥ 200), and 1.25 where there is no pair (the diagonal, the
 * padding).
 */
import type { PairSpec, Potential } from "@comhe/core";
import {
  isTwoSided as isTwoSidedKind,
  javascript,
  kindOf,
  type Language,
  parameterOf,
  printPair,
  printPotential,
} from "@comhe/core/formulas";

/** Between what cosines reach and what near pairs begin with. */
export const noPair = 1.25;

export function isTwoSided({ potential, space }: Pick<PairSpec, "potential" | "space">): boolean {
  return isTwoSidedKind(kindOf(potential), space === "half");
}

/** A number in kernel text. gpu.js prints whole ones with ".0", which an exponent would not survive. */
export function numberText(value: number): string {
  const text = String(value);
  if (text.includes("e+")) throw new Error(`gpujs: ${value} is too large for a float32 constant of a kernel.`);
  return text;
}

/**
 * Statements that declare `to` = atan(t) for t ≥ 0, within 2 units in the last place wherever + and × round right: shading
 * languages promise little of their own atan (WGSL 4096 units), and Mesa's is off by 1e-5. Reduced to |r| ≤ tan(π/8), then
 * the polynomial of the Cephes library's atanf.
 */
export function arctangentText(t: string, to: string): string {
  return `let ${to}R = ${t}; let ${to} = 0;
    if (${to}R > 2.414213562373095) { ${to} = 1.5707963267948966; ${to}R = -1 / ${to}R; }
    if (${to}R > 0.4142135623730951) { ${to} = 0.7853981633974483; ${to}R = (${to}R - 1) / (${to}R + 1); }
    const ${to}Z = ${to}R * ${to}R;
    ${to} += (((0.0805374449538 * ${to}Z - 0.138776856032) * ${to}Z + 0.199777106478) * ${to}Z - 0.333329491539) *
      ${to}Z * ${to}R + ${to}R;`;
}

/** How gpu.js writes what core's formulas say. */
const language: Language = {
  ...javascript,
  constant: (value) => (value < 0 ? `(${numberText(value)})` : numberText(value)),
  sign: () => {
    throw new Error("Expected a constant of known sign in a kernel's text.");
  },
  halfAngleStatements: (name, u, v) => arctangentText(`Math.sqrt(${u} / ${v})`, name),
};

/** Statements that declare `${to}Value` and `${to}Slope`: φ and κ at the squared chords named `u` and `v`. */
export function potentialText(potential: Potential, u: string, v: string, to: string): string {
  const { statements, results } = printPotential(
    { kind: kindOf(potential), parameter: parameterOf(potential) },
    { language, wanted: ["value", "slope"], inputs: { u, v }, prefix: to },
  );
  return `${statements.join(" ")} const ${to}Value = ${results.value}; const ${to}Slope = ${results.slope};`;
}

/** Statements that set `r` to ψ or to K = ψ′ of the pair whose code is `e`, and to 0 where there is no pair. */
export function pairText({ potential, space, separationFloor }: PairSpec, wanted: "value" | "slope"): string {
  const energy = {
    kind: kindOf(potential),
    parameter: parameterOf(potential),
    isHalf: space === "half",
    floor: separationFloor ** 2,
  };
  const { statements, results } = printPair(energy, { language, wanted: [wanted] });
  return `let u = 2 - 2 * e; let v = 2 + 2 * e;
    if (e > 100) { u = 2 / e; v = 4 - u; }
    if (e < -100) { v = -2 / e; u = 4 - v; }
    ${statements.join("\n    ")}
    r = ${results[wanted]};
    if (e > 1.1 && e < 2) { r = 0; }`;
}

/** Names a potential with its floor and space: kernels of one name have one source. */
export function pairName({ potential, space, separationFloor }: PairSpec): string {
  return `${kindOf(potential)} ${parameterOf(potential)} ${space} ${separationFloor}`;
}
