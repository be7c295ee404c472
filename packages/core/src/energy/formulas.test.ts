/** The formulas over numbers against their derivatives by differences, and every other reading of them against that of numbers. */
import { describe, expect, it } from "vitest";
import type { PotentialsByKind } from "../../test/support/potentials-by-kind.js";
import type { Potential } from "../config/types.js";
import { numbers } from "./algebra/algebra.js";
import { c as cLanguage, javascript, wgsl } from "./algebra/languages.js";
import type { Language } from "./algebra/text.js";
import { foldedFormula, fullBesideHalf, pairFormula, shortHalfFormula } from "./pair-formula.js";
import { pairFunction, potentialFunction } from "./pair-function.js";
import { caseOf, potentialCaseNames, potentialCases } from "./potential-cases.js";
import { kindOf, parameterOf, potentialFormula } from "./potential-formulas.js";
import { printPair } from "./print-pair.js";

const riesz = (distance: "chordal" | "angular") => (s: number) => ({ kind: "riesz", s, distance }) as const;
const potentialsOf: PotentialsByKind = {
  riesz: [
    ...[-1.9, -1, -0.3, 0, 0.5, 1, 2, 2.7, 3, 4].map(riesz("chordal")),
    ...[-1.5, -0.4, 0, 1, 2, 2.7].map(riesz("angular")),
  ],
  gaussian: [0.3, 2].map((t) => ({ kind: "gaussian", t })),
  frame: [2, 2.5, 3, 4, 7].map((p) => ({ kind: "frame", p })),
};
const potentials: readonly Potential[] = Object.values(potentialsOf).flat();
const named = potentials.map((potential) => [JSON.stringify(potential), potential] as const);
const cosines = [-0.99, -0.7, -0.2, 0, 0.1, 0.6, 0.95];
const floors = [0, 1e-4, 0.3];
const placeOf = (c: number) => ({ u: 2 - 2 * c, v: 2 + 2 * c, c });
const energyOf = (potential: Potential, isHalf: boolean, floor: number) => ({
  kind: kindOf(potential),
  parameter: parameterOf(potential),
  isLogarithm: parameterOf(potential) === 0,
  isHalf,
  floor,
});
const close = (got: number, expected: number, relative: number) =>
  expect(Math.abs(got - expected), `${got} for ${expected}`).toBeLessThanOrEqual(relative * (1 + Math.abs(expected)));

describe.each(named)("%s", (_, potential) => {
  const phi = (c: number) => {
    const { value, slope, curvature } = potentialFormula(
      numbers,
      kindOf(potential),
      parameterOf(potential),
      parameterOf(potential) === 0,
      placeOf(c),
    );
    return { value, slope, curvature: curvature() };
  };

  it("κ and φ″ are the derivatives of φ", () => {
    for (const c of cosines) {
      const h = 1e-5;
      close(phi(c).slope, (phi(c + h).value - phi(c - h).value) / (2 * h), 3e-6);
      // |c|^p has no third derivative at 0 for p < 3, and differences less digits.
      if (c !== 0) close(phi(c).curvature, (phi(c + h).slope - phi(c - h).slope) / (2 * h), 3e-5);
    }
  });

  it("the loops that the build writes compute it", () => {
    const out = { value: 0, slope: 0, curvature: 0 };
    for (const c of [...cosines, 1, 0.9999, -1]) {
      const { u, v } = placeOf(c);
      if (Math.abs(c) < 1) {
        const got = potentialFunction(potential)(u, v, out);
        for (const name of ["value", "slope", "curvature"] as const) close(got[name], phi(c)[name], 1e-12);
      }
      for (const floor of floors) {
        for (const space of ["full", "half"] as const) {
          if (floor === 0 && Math.abs(c) === 1) continue;
          const terms = pairFormula(numbers, energyOf(potential, space === "half", floor), placeOf(c));
          const got = pairFunction({ potential, space, separationFloor: Math.sqrt(floor) })(u, v, out);
          close(got.value, terms.value, 1e-12);
          close(got.slope, terms.slope, 1e-12);
          close(got.curvature, terms.curvature(), 1e-11);
        }
      }
    }
  });

  it.each([
    ["JavaScript", javascript],
    ["C", cLanguage],
    ["WGSL", wgsl("f32")],
    ["WGSL vectors", wgsl("vec4f")],
  ] as const)("as %s text, its parameter known or not", (_name, language) => {
    for (const parameter of [parameterOf(potential), undefined]) {
      if (parameter === undefined && parameterOf(potential) === 0) continue;
      for (const isHalf of [false, true]) {
        const floor = 0.01;
        const program = run(language, { kind: kindOf(potential), parameter, isHalf });
        for (const c of cosines) {
          const { u, v } = placeOf(c);
          const expected = pairFormula(numbers, energyOf(potential, isHalf, floor), placeOf(c));
          const [value, slope, curvature] = program(u, v, parameterOf(potential), floor);
          close(value, expected.value, 1e-12);
          close(slope, expected.slope, 1e-12);
          close(curvature, expected.curvature(), 1e-11);
        }
      }
    }
  });
});

/** Runs a printed program as JavaScript: the other languages' functions are defined, and their declarations and suffixes replaced. */
function run(language: Language, energy: Parameters<typeof printPair>[0]) {
  const { uniformStatements, statements, results } = printPair(energy, {
    language,
    wanted: ["value", "slope", "curvature"],
  });
  const text = [
    ...uniformStatements,
    ...statements,
    `return [${results.value}, ${results.slope}, ${results.curvature}];`,
  ]
    .join("\n")
    .replace(/\b(const vec|const float|let) /g, "const ")
    .replace(/(\d)f\b(?!\()/g, "$1");
  const keep = (a: number, x: number, least: number) => (x >= least ? a : 0);
  const library: Record<string, unknown> = {
    vec_max: Math.max,
    vec_min: Math.min,
    vec_abs: Math.abs,
    vec_sqrt: Math.sqrt,
    vec_exp: Math.exp,
    vec_log: Math.log,
    vec_power: Math.pow,
    vec_spread: (x: number) => x,
    vec_half_angle: numbers.halfAngle,
    half_angle: numbers.halfAngle,
    vec_keep_from: keep,
    vec4f: (x: number) => x,
    select: (no: number, yes: number, condition: boolean) => (condition ? yes : no),
    max: Math.max,
    min: Math.min,
    abs: Math.abs,
    sqrt: Math.sqrt,
    exp: Math.exp,
    log: Math.log,
    pow: Math.pow,
  };
  const program = new Function(...Object.keys(library), "u", "v", "parameter", "floor", text);
  return (u: number, v: number, parameter: number, floor: number): [number, number, number] =>
    program(...Object.values(library), u, v, parameter, floor);
}

it.each([0, 1, 2])("s = %s: the short form of half space is the folded formula", (s) => {
  for (const c of cosines) {
    const place = placeOf(c);
    const short = shortHalfFormula(numbers, s, place, 1 - c * c)!;
    const energy = { kind: "chordal", parameter: s, isLogarithm: s === 0, isHalf: true } as const;
    const folded = foldedFormula(numbers, energy, place);
    close(short.value, folded.value, 1e-13);
    close(short.slope, folded.slope, 1e-12);
  }
  expect(shortHalfFormula(numbers, 3, placeOf(0.5), 0.75)).toBeUndefined();
});

it("s = 2: ψ of half space gives φ of full space", () => {
  const energy = { kind: "chordal", parameter: 2, isLogarithm: false } as const;
  for (const c of cosines) {
    const place = placeOf(c);
    const half = foldedFormula(numbers, { ...energy, isHalf: true }, place).value;
    const full = foldedFormula(numbers, { ...energy, isHalf: false }, place).value;
    close(fullBesideHalf(numbers, 2, place, half)!, full, 1e-13);
  }
  expect(fullBesideHalf(numbers, 1, placeOf(0.5), 1)).toBeUndefined();
});

it("every potential has its case, and every case its potential", () => {
  const found = new Set(potentials.map((potential) => caseOf(potential).name));
  expect([...found].sort()).toEqual([...potentialCaseNames].sort());
  for (const { name, parameter } of potentialCases) expect(name.endsWith("0")).toBe(parameter === 0);
});
