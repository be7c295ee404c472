/**
 * The potentials as kernel text, written from their data; the formulas are those of core's `energy/potential.ts`, and
 * clamping and continuing along the tangent those of `energy/separation.ts`.
 *
 * A pair travels between kernels as one number, its *code* e: its cosine where the pair is far, ±2/u where it is near x_j or
 * −x_j (u its squared chord, exact, at most 1e-2, so |e| ≥ 200), and 1.25 where there is no pair (the diagonal, the
 * padding).
 */
import type { PairSpec, Potential } from "@comhe/core";
import { dependsOnAntipode } from "@comhe/core/host-functions";

/** Between what cosines reach and what near pairs begin with. */
export const noPair = 1.25;

export function isTwoSided({ potential, space }: Pick<PairSpec, "potential" | "space">): boolean {
  return space === "half" || dependsOnAntipode(potential);
}

/** A number in kernel text. gpu.js prints whole ones with ".0", which an exponent would not survive. */
export function numberText(value: number): string {
  const text = String(value);
  if (text.includes("e+")) throw new Error(`gpujs: ${value} is too large for kernel text`);
  return text;
}

/** a^(−e), by multiplications where e is a small multiple of a half. */
function inversePower(a: string, e: number): string {
  const direct: Readonly<Record<string, string>> = {
    0.5: `1 / Math.sqrt(${a})`,
    1: `1 / ${a}`,
    1.5: `1 / (${a} * Math.sqrt(${a}))`,
    2: `1 / (${a} * ${a})`,
  };
  return direct[e] ?? `Math.pow(${a}, ${numberText(-e)})`;
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

/** Statements that declare `${to}Value` and `${to}Slope`: φ and κ at the squared chords named `u` and `v`. */
export function potentialText(potential: Potential, u: string, v: string, to: string): string {
  if (potential.kind === "gaussian") {
    const { t } = potential;
    return `const ${to}Value = Math.exp(${numberText(-t)} * ${u}); const ${to}Slope = ${numberText(2 * t)} * ${to}Value;`;
  }
  const { s, distance } = potential;
  if (distance === "angular") {
    const value = s === 0 ? `-Math.log(${to}Theta)` : inversePower(`${to}Theta`, s);
    const slope = s === 0 ? "1" : `${numberText(s)} * ${to}Value`;
    return `${arctangentText(`Math.sqrt(${u} / ${v})`, `${to}Half`)}
      const ${to}Theta = 2 * ${to}Half;
      const ${to}Sine = 0.5 * Math.sqrt(${u} * ${v});
      const ${to}Value = ${value};
      const ${to}Slope = ${slope} / (${to}Theta * ${to}Sine);`;
  }
  if (s === 0) return `const ${to}Value = -0.5 * Math.log(${u}); const ${to}Slope = 1 / ${u};`;
  // A division costs what many multiplications do: one makes both φ = u^(−s/2) and κ = s·φ/u.
  if (s === 2) return `const ${to}Value = 1 / ${u}; const ${to}Slope = 2 * ${to}Value * ${to}Value;`;
  if (s === 1)
    return `const ${to}Value = 1 / Math.sqrt(${u}); const ${to}Slope = ${to}Value * ${to}Value * ${to}Value;`;
  return `const ${to}Value = ${inversePower(u, s / 2)}; const ${to}Slope = ${numberText(s)} * ${to}Value / ${u};`;
}

/** Statements that set `r` to ψ or to K = ψ′ of the pair whose code is `e`, and to 0 where there is no pair. */
export function pairText(pair: PairSpec, wanted: "value" | "slope"): string {
  const { potential, space, separationFloor } = pair;
  const twoSided = isTwoSided(pair);
  const floor = numberText(separationFloor ** 2);
  const ceiling = numberText(4 - separationFloor ** 2);
  const clamp = (name: string) => `Math.min(Math.max(${name}, ${floor}), ${ceiling})`;
  const hat = twoSided
    ? `const uHat = ${clamp("u")}; const vHat = ${clamp("v")};`
    : `const uHat = Math.max(u, ${floor}); const vHat = v;`;
  const mirrored = space === "half" ? potentialText(potential, "vHat", "uHat", "back") : "";
  const slope = space === "half" ? "aheadSlope - backSlope" : "aheadSlope";
  const value = space === "half" ? "aheadValue + backValue" : "aheadValue";
  // c − ĉ = ½[(û′ − u) − (v̂′ − v)]
  const raised = (name: string) => `(Math.max(${name}, ${floor}) - ${name})`;
  const beyond = twoSided ? `${raised("u")} - ${raised("v")}` : raised("u");
  return `let u = 2 - 2 * e; let v = 2 + 2 * e;
    if (e > 100) { u = 2 / e; v = 4 - u; }
    if (e < -100) { v = -2 / e; u = 4 - v; }
    ${hat}
    ${potentialText(potential, "uHat", "vHat", "ahead")} ${mirrored}
    r = ${wanted === "slope" ? slope : `${value} + (${slope}) * 0.5 * (${beyond})`};
    if (e > 1.1 && e < 2) { r = 0; }`;
}

/** Names a potential with its floor and space: kernels of one name have one source. */
export function pairName({ potential, space, separationFloor }: PairSpec): string {
  const what = potential.kind === "gaussian" ? `gaussian ${potential.t}` : `${potential.distance} ${potential.s}`;
  return `${what} ${space} ${separationFloor}`;
}
