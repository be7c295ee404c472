// The kernels' formulas of pairs, as C text over vectors of any width, from core's formulas (`@comhe/core/formulas`).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  c,
  potentialCaseNames,
  potentialCases,
  printAngle,
  printFar,
  printPair,
  printPotential,
} from "@comhe/core/formulas";

const generated = join(import.meta.dirname, "../generated");

const options = { language: c, wanted: ["value", "slope", "curvature"] };

/** Statements that leave the terms in `out`. */
function body({ uniformStatements, statements, results }) {
  const lines = [
    ...uniformStatements,
    ...statements,
    ...Object.entries(results).map(([name, text]) => `out->${name} = ${text};`),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

/** A function for each case, and the one that chooses. */
function family(name, comment, print) {
  const parameters = "vec u, vec v, float parameter, float floor, struct terms *out";
  const functions = potentialCases.map(
    (each) => `APART void ${name}_${each.name}(${parameters}) {\n${body(print(each))}}\n`,
  );
  const choices = potentialCases.map(
    (each) => `    case POTENTIAL_${each.name}: ${name}_${each.name}(u, v, parameter, floor, out); return;\n`,
  );
  return `${functions.join("\n")}
/* ${comment} */
INLINE void ${name}(int potential, ${parameters}) {
  switch (potential) {
${choices.join("")}  }
}
`;
}

/** What formulas take for far pairs, from the cosine. */
const fromCosine = {
  u: "vec_spread(2.0f) - (c + c)",
  v: "vec_spread(2.0f) + (c + c)",
  q: "(vec_spread(1.0f) - c) * (vec_spread(1.0f) + c)",
};

/** Potentials whose far pairs have code of their own: those whose parameter is known. Twice the case, plus 1 in half space, is the mode. */
const quick = potentialCases.filter(({ parameter }) => parameter !== undefined);
const modes = quick.flatMap((each) => [false, true].map((isHalf) => ({ ...each, isHalf })));
const nameOf = ({ name, isHalf }) => `${name}_${isHalf ? "half" : "full"}`;

/** ψ or ψ′ of far pairs. */
function far(which, wanted) {
  return modes
    .map((mode) => {
      const { kind, parameter, isHalf } = mode;
      const { statements, results } = printFar(kind, parameter, isHalf, { language: c, wanted: [wanted] });
      const text = [...statements, `return ${results[wanted]};`];
      const isUsed = (name) => new RegExp(`\\b${name}\\b`).test(text.join(" "));
      const needed = Object.entries(fromCosine).filter(([name]) => isUsed(name));
      const lines = [...needed.map(([name, value]) => `const vec ${name} = ${value};`), ...text];
      return `INLINE vec ${which}_${nameOf(mode)}(vec c) {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
    })
    .join("");
}

const text = `/* Made by scripts/build-potentials.mjs from core's formulas of potentials and pairs. */
#ifndef COMHE_POTENTIALS_H
#define COMHE_POTENTIALS_H

#include "../kernels/functions.h"

enum { ${potentialCaseNames.map((name) => `POTENTIAL_${name}`).join(", ")}, POTENTIALS };

/* ψ, ψ′, ψ″ */
struct terms {
  vec value, slope, curvature;
};

${family("potential_terms", "φ, κ, φ″ at the squared chords (u, v).", (each) => printPotential(each, options))}
${family("full_terms", "ψ, ψ′, ψ″ of full space, clamped at the floor and continued along the tangent.", (each) => printPair({ ...each, isHalf: false }, options))}
${family("half_terms", "ψ, ψ′, ψ″ of half space.", (each) => printPair({ ...each, isHalf: true }, options))}
/* The angle as a mismatch compares it, with its derivatives. */
APART void angle_terms(vec u, vec v, float floor, struct terms *out) {
${body(printAngle(options))}}

/* ψ of pairs that aren't near, from the cosine. */
${far("far_value", "value")}
/* ψ′ of them. */
${far("far_slope", "slope")}
/* What has a quick way: mode, case and space. */
#define EACH_QUICK(X) \\
${modes.map((mode, at) => `  X(${at}, ${mode.name}, ${nameOf(mode)}, ${mode.isHalf ? 1 : 0})`).join(" \\\n")}

#endif
`;
mkdirSync(generated, { recursive: true });
writeFileSync(join(generated, "potentials.h"), text);
// How many cases there are, for what checks commands before any kernel sees them.
writeFileSync(
  join(generated, "potential-names.h"),
  `/* Made by scripts/build-potentials.mjs. */\n#define POTENTIAL_COUNT ${potentialCaseNames.length}\n`,
);
writeFileSync(
  join(generated, "potential-names.ts"),
  `// Made by scripts/build-potentials.mjs.\n/** Cases of potentials, in the order of their numbers. */\nexport const potentialNames: readonly string[] = ${JSON.stringify(potentialCaseNames)};\n`,
);
