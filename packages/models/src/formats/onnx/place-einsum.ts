import { einsumPlace } from "../../conventions/einsum.js";
import type { Expression } from "./expression.js";
import { indices } from "./place-product.js";
import { type Call, consecutive, type Placed, type Placements, type Rule } from "./placement.js";

const einsum: Rule = (call: Call): Placements => {
  const constants = [0, 1].filter((input) => call.constant(input) !== undefined);
  if (constants.length === 2 && !call.given(2)) {
    return new Map(constants.map((input) => [input, "both factors are constant, so it is no layer"]));
  }
  const equation = call.text("equation") ?? "";
  return new Map(constants.map((input) => [input, factor(call.constant(input)!, equation, input)]));
};

function factor(constant: Expression, equation: string, input: number): readonly Placed[] | string {
  const { shape } = constant;
  const place = einsumPlace(equation, input, shape.length);
  if (typeof place === "string") return place;
  const { stacked, layout } = place;
  return consecutive(constant, shape.slice(stacked), layout, indices(shape.slice(0, stacked)));
}

export const EINSUMS: readonly (readonly [domain: string, op: string, rule: Rule])[] = [["", "Einsum", einsum]];
