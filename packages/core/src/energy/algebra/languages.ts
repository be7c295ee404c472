/** Languages that formulas are written in: JavaScript, C with vector types, WGSL. AssemblyScript's vectors have theirs in `@comhe/wasm`. */
import { type Language, strip } from "./text.js";

/** What the functions are called in a language whose operators are + − * /. */
export interface InfixNames {
  /** The function that gives the larger of two values. */
  readonly max: string;
  /** The function that gives the smaller of two values. */
  readonly min: string;
  /** The absolute value. */
  readonly abs: string;
  /** The square root. */
  readonly sqrt: string;
  /** The exponential function. */
  readonly exp: string;
  /** The natural logarithm. */
  readonly log: string;
  /** The function that raises its first argument to the power of its second. */
  readonly power: string;
}

/**
 * Makes a language whose operators are + − * /. Whatever it writes with an operator stands in parentheses.
 *
 * @param names what its functions are called
 * @param rest how it writes everything else
 */
export function infixLanguage(
  names: InfixNames,
  rest: Pick<Language, "constant" | "declare" | "sign" | "halfAngle" | "keepFrom"> & Partial<Language>,
): Language {
  const call =
    (name: string) =>
    (...operands: readonly string[]) =>
      `${name}(${operands.join(", ")})`;
  return {
    add: (a, b) => `(${a} + ${b})`,
    sub: (a, b) => `(${a} - ${b})`,
    mul: (a, b) => `(${a} * ${b})`,
    div: (a, b) => `(${a} / ${b})`,
    negate: (a) => `(-${a})`,
    max: call(names.max),
    min: call(names.min),
    abs: call(names.abs),
    sqrt: call(names.sqrt),
    exp: call(names.exp),
    log: call(names.log),
    power: call(names.power),
    ...rest,
  };
}

/** Writes a number, in parentheses where its sign could meet an operator. */
export function numberText(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

/** JavaScript, which computes in float64. */
export const javascript: Language = infixLanguage(
  {
    max: "Math.max",
    min: "Math.min",
    abs: "Math.abs",
    sqrt: "Math.sqrt",
    exp: "Math.exp",
    log: "Math.log",
    power: "Math.pow",
  },
  {
    constant: numberText,
    declare: (name, text) => `const ${name} = ${text};`,
    sign: (a) => `(${a} < 0 ? -1 : 1)`,
    halfAngle: (u, v) => `Math.atan2(Math.sqrt(${u}), Math.sqrt(${v}))`,
    keepFrom: (a, x, least) => `(${x} >= ${least} ? ${a} : 0)`,
  },
);

/** What is the same for all pairs, in C. */
const cScalar: Language = infixLanguage(
  { max: "fmaxf", min: "fminf", abs: "fabsf", sqrt: "sqrtf", exp: "expf", log: "logf", power: "powf" },
  {
    constant: (value) => (value < 0 ? `(${floatText(value)}f)` : `${floatText(value)}f`),
    declare: (name, text) => `const float ${name} = ${text};`,
    sign: (a) => `(${a} < 0 ? -1.0f : 1.0f)`,
    halfAngle: (u, v) => `atan2f(sqrtf(${u}), sqrtf(${v}))`,
    keepFrom: (a, x, least) => `(${x} >= ${least} ? ${a} : 0.0f)`,
  },
);

/**
 * C for float vectors of any width (`typedef float vec __attribute__((vector_size(4 * W)))`), and for plain floats where `vec` is `float`. A
 * program defines the functions that C has for scalars alone: `vec_max`, `vec_min`, `vec_abs`, `vec_sqrt`, `vec_exp`, `vec_log`,
 * `vec_power(vec, float)`, `vec_half_angle(vec, vec)`, `vec_keep_from(vec, vec, vec)` and `vec_spread(float)`.
 */
export const c: Language = infixLanguage(
  {
    max: "vec_max",
    min: "vec_min",
    abs: "vec_abs",
    sqrt: "vec_sqrt",
    exp: "vec_exp",
    log: "vec_log",
    power: "vec_power",
  },
  {
    constant: (value) => `vec_spread(${floatText(value)}f)`,
    declare: (name, text) => `const vec ${name} = ${text};`,
    spread: (uniform) => `vec_spread(${uniform})`,
    sign: (a) => `(${a} < 0 ? -1.0f : 1.0f)`,
    halfAngle: (u, v) => `vec_half_angle(${u}, ${v})`,
    keepFrom: (a, x, least) => `vec_keep_from(${a}, ${x}, ${least})`,
    uniform: cScalar,
  },
);

/**
 * WGSL, for f32 or for vectors of it. A shader defines `half_angle(u, v)` for them: WGSL's own atan is inexact.
 *
 * @param type of the values that differ from pair to pair
 */
export function wgsl(type: "f32" | "vec2f" | "vec4f"): Language {
  const names = { max: "max", min: "min", abs: "abs", sqrt: "sqrt", exp: "exp", log: "log", power: "pow" };
  const scalar = (value: number) => (value < 0 ? `(${floatText(value)})` : floatText(value));
  const spread = (uniform: string) => (type === "f32" ? uniform : `${type}(${strip(uniform)})`);
  const rest = {
    declare: (name: string, text: string) => `let ${name} = ${text};`,
    sign: (a: string) => `select(1.0, -1.0, ${a} < 0.0)`,
    halfAngle: (u: string, v: string) => `half_angle(${u}, ${v})`,
  };
  const keep = (zero: string) => (a: string, x: string, least: string) => `select(${zero}, ${a}, ${x} >= ${least})`;
  const uniform = infixLanguage(names, { ...rest, constant: scalar, keepFrom: keep("0.0") });
  const power = (a: string, exponent: string) => `pow(${a}, ${spread(exponent)})`;
  const constant = (value: number) => spread(scalar(value));
  return infixLanguage(names, { ...rest, constant, power, uniform, spread, keepFrom: keep(spread("0.0")) });
}

/** A number that no language takes for a whole one. */
function floatText(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
