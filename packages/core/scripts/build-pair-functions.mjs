// Core's own loops over pairs, in JavaScript, from the formulas of src/energy (potential-formulas.ts and pair-formula.ts): one function for each case
// of a potential, so that engines compile each to straight code.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(import.meta.dirname, "..");
const generated = join(root, "generated");

// What the printer is made of, as JavaScript in a folder of its own; none of it imports anything else.
const sources = [
  ...["algebra", "expression", "read-expression", "text", "languages"].map((name) => `algebra/${name}`),
  ...["potential-formulas", "potential-cases", "pair-formula", "print-pair"],
];
const target = { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 };
for (const name of sources) {
  const source = readFileSync(join(root, "src/energy", `${name}.ts`), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: target });
  const path = join(generated, "build", `${name}.mjs`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, outputText.replace(/(from "\.[^"]*)\.js"/g, '$1.mjs"'));
}
const load = (name) => import(pathToFileURL(join(generated, "build", `${name}.mjs`)).href);
const [{ javascript }, { potentialCases }, { printAngle, printPair, printPotential }] = await Promise.all(
  ["algebra/languages", "potential-cases", "print-pair"].map(load),
);

const options = { language: javascript, wanted: ["value", "slope", "curvature"] };
/** A function that makes the function of pairs, with what is the same for all pairs computed once; what a case doesn't need begins with _. */
function maker(parameters, type, { uniformStatements, statements, results }) {
  const inner = [
    ...statements,
    `out.value = ${results.value};`,
    `out.slope = ${results.slope};`,
    `out.curvature = ${results.curvature};`,
    "return out;",
  ];
  const text = [...uniformStatements, ...inner].join(" ");
  const used = (name) => (new RegExp(`\\b${name}\\b`).test(text) ? name : `_${name}`);
  const body = inner.map((line) => `      ${line}\n`).join("");
  const before = uniformStatements.map((line) => `    ${line}\n`).join("");
  const outer = parameters.map((name) => `${used(name)}: number`).join(", ");
  return `(${outer}): ${type} => {\n${before}    return (${used("u")}, ${used("v")}, out) => {\n${body}    };\n  }`;
}
const makersOf = (print) => potentialCases.map((each) => `  ${each.name}: ${print(each)},\n`).join("");
const text = `// Made by scripts/build-pair-functions.mjs from the formulas of src/energy.
import type { PairFunction, PotentialFunction } from "../src/energy/terms.js";
import type { PotentialCaseName } from "../src/energy/potential-cases.js";

type Makers<F> = Readonly<Record<PotentialCaseName, (parameter: number, floor: number) => F>>;

/** The bare potentials. */
export const potentials: Makers<PotentialFunction> = {
${makersOf((each) => maker(["parameter"], "PotentialFunction", printPotential(each, options)))}};

/** What pairs contribute in full space, with u₀ as the floor. */
export const fullPairs: Makers<PairFunction> = {
${makersOf((each) => maker(["parameter", "floor"], "PairFunction", printPair({ ...each, isHalf: false }, options)))}};

/** The same in half space. */
export const halfPairs: Makers<PairFunction> = {
${makersOf((each) => maker(["parameter", "floor"], "PairFunction", printPair({ ...each, isHalf: true }, options)))}};

/** The angle as a mismatch compares it. */
export const anglePairs = ${maker(["floor"], "PairFunction", printAngle(options))};
`;
writeFileSync(join(generated, "pair-functions.ts"), text);
