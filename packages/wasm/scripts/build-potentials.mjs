// The kernels' formulas of pairs, in AssemblyScript, four pairs at once, from core's formulas (`@comhe/core/formulas`).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  infixLanguage,
  potentialCases,
  printAngle,
  printFar,
  printFullBesideHalf,
  printPair,
  printPotential,
} from "@comhe/core/formulas";

const generated = join(import.meta.dirname, "../generated/assembly");

/** What is the same for all pairs: f32. */
const scalar = infixLanguage(
  {
    max: "max",
    min: "min",
    abs: "abs",
    sqrt: "sqrt",
    exp: "NativeMathf.exp",
    log: "NativeMathf.log",
    power: "NativeMathf.pow",
  },
  {
    constant: (value) => `(<f32>${value})`,
    declare: (name, text) => `const ${name}: f32 = ${text};`,
    sign: (a) => `(${a} < 0 ? <f32>-1 : <f32>1)`,
    halfAngle: (u, v) => `NativeMathf.atan2(sqrt(${u}), sqrt(${v}))`,
    keepFrom: (a, x, least) => `(${x} >= ${least} ? ${a} : <f32>0)`,
  },
);
const call =
  (name) =>
  (...operands) =>
    `${name}(${operands.join(", ")})`;
/** What differs from pair to pair: v128, by WebAssembly's instructions and the functions of assembly/functions.ts. */
const vectors = {
  constant: (value) => `splat(${value})`,
  declare: (name, text) => `const ${name} = ${text};`,
  spread: (uniform) => `splat(${uniform})`,
  uniform: scalar,
  add: call("f32x4.add"),
  sub: call("f32x4.sub"),
  mul: call("f32x4.mul"),
  div: call("f32x4.div"),
  negate: call("f32x4.neg"),
  max: call("f32x4.pmax"),
  min: call("f32x4.pmin"),
  abs: call("f32x4.abs"),
  sqrt: call("f32x4.sqrt"),
  exp: call("exponential"),
  log: call("naturalLog"),
  power: call("power"),
  sign: () => {
    throw new Error("signs are those of parameters");
  },
  halfAngle: call("halfAngle"),
  keepFrom: (a, x, least) => `v128.and(${a}, f32x4.ge(${x}, ${least}))`,
};

const options = { language: vectors, wanted: ["value", "slope", "curvature"] };
const capital = (name) => name[0].toUpperCase() + name.slice(1);

/** Statements that leave the terms in the globals. */
function body({ uniformStatements, statements, results }, indent) {
  const lines = [
    ...uniformStatements,
    ...statements,
    ...Object.entries(results).map(([name, text]) => `${name} = ${text};`),
  ];
  return lines.map((line) => `${indent}${line}\n`).join("");
}

/** A function for each case, and the one that chooses. */
function family(name, comment, print) {
  const functions = potentialCases.map(
    (each) =>
      // Called from one place each, and so inlined at no cost.
      `// @ts-ignore: decorator\n@inline function ${name}${capital(each.name)}(u: v128, v: v128, parameter: f32, floor: f32): void {\n${body(print(each), "  ")}}\n`,
  );
  const choices = potentialCases.map(
    (each) => `    case Potential.${each.name}: return ${name}${capital(each.name)}(u, v, parameter, floor);\n`,
  );
  return `${functions.join("\n")}
/** ${comment} */
export function ${name}(potential: i32, u: v128, v: v128, parameter: f32, floor: f32): void {
  switch (potential) {
${choices.join("")}    default: unreachable();
  }
}
`;
}

/** What formulas take for far pairs, from the cosine. */
const fromCosine = {
  u: "f32x4.sub(splat(2), f32x4.add(c, c))",
  v: "f32x4.add(splat(2), f32x4.add(c, c))",
  q: "f32x4.mul(f32x4.sub(splat(1), c), f32x4.add(splat(1), c))",
};

/** ψ or ψ′ of far pairs for s = 0, 1, 2, in full and in half space: mode 2s, plus 1 in half space. */
function far(name, wanted) {
  const modes = [0, 1, 2].flatMap((s) => [false, true].map((isHalf) => ({ s, isHalf })));
  const branches = modes.map(({ s, isHalf }, mode) => {
    const { statements, results } = printFar("chordal", s, isHalf, { language: vectors, wanted: [wanted] });
    const text = [...statements, `return ${results[wanted]};`];
    const lines = [...neededBy(text.join(" ")), ...text];
    return `  ${mode < modes.length - 1 ? `if (mode == ${mode}) ` : ""}{\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;
  });
  return `// @ts-ignore: decorator\n@inline export function ${name}(mode: i32, c: v128): v128 {\n${branches.join("")}}\n`;
}

/** Declares what of `fromCosine` a text needs. */
const neededBy = (text) =>
  Object.entries(fromCosine)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(text))
    .map(([name, value]) => `const ${name} = ${value};`);

function beside() {
  const { statements, results } = printFullBesideHalf(2, { language: vectors });
  const text = [...statements, `return ${results.value};`];
  const lines = [...neededBy(text.join(" ")), ...text];
  return `// @ts-ignore: decorator\n@inline export function fullBesideHalf(c: v128, half: v128): v128 {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

const text = `// Made by scripts/build-potentials.mjs from core's formulas of potentials and pairs.
import { exponential, halfAngle, naturalLog, power } from "../../assembly/functions";
import { splat } from "../../assembly/simd";
import { Potential } from "./command-fields";

/** What the last of these functions computed. */
export let value: v128 = i64x2.splat(0);
export let slope: v128 = i64x2.splat(0);
export let curvature: v128 = i64x2.splat(0);

${family("potentialTerms", "φ, κ, φ″ at the squared chords (u, v).", (each) => printPotential(each, options))}
${family("fullTerms", "ψ, ψ′, ψ″ of full space, clamped at the floor and continued along the tangent.", (each) => printPair({ ...each, isHalf: false }, options))}
${family("halfTerms", "ψ, ψ′, ψ″ of half space.", (each) => printPair({ ...each, isHalf: true }, options))}
/** The angle as a mismatch compares it, with its derivatives. */
export function angleTerms(u: v128, v: v128, floor: f32): void {
${body(printAngle(options), "  ")}}

/** ψ of pairs that aren't near, from the cosine; \`mode\` is 2s, plus 1 in half space. */
${far("farValue", "value")}
/** ψ′ */
${far("farSlope", "slope")}
/** φ of full space of far pairs from ψ of half space, s = 2. */
${beside()}`;
mkdirSync(generated, { recursive: true });
writeFileSync(join(generated, "potentials.ts"), text);
