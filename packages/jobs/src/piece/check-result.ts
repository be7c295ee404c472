/** Whether what came back for a piece can be its result: shapes, counts and finite numbers. Right or wrong is {@link disagreement}'s. */

import { type Schema, Validator } from "@cfworker/json-schema";
import type { FailedLayer, LayerAudit } from "@comhe/audit";
import reportSchema from "@comhe/audit/report.schema.json" with { type: "json" };
import { neuronAxes } from "@comhe/core";
import { EnergyError } from "@comhe/core/layouts";
import * as v from "valibot";
import { blockRows, type Piece, pairsOf } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import type { StoredResult } from "../store/stored-result.js";
import type { StripResult } from "./strip.js";

const finite = v.pipe(v.number(), v.finite());
const counted = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const stripSchema = v.strictObject({ energy: finite, pairs: counted, self: finite, dead: counted });

let layerValidator: { readonly layer: Validator; readonly failed: Validator } | undefined;

function layerValidators() {
  const { properties } = reportSchema as unknown as { properties: Record<string, { items: object }> };
  const definitions = reportSchema as unknown as { $defs?: object };
  const of = (items: object) =>
    new Validator({ ...items, ...(definitions.$defs ? { $defs: definitions.$defs } : {}) } as Schema, "2020-12");
  layerValidator ??= { layer: of(properties.layers!.items), failed: of(properties.failed!.items) };
  return layerValidator;
}

/** The value of a strip's result. */
export const stripOf = ({ value }: StoredResult): StripResult => value as StripResult;
/** The value of a layer's result: its audit, or why there is none. */
export const layerOf = ({ value }: StoredResult): LayerAudit | FailedLayer => value as LayerAudit | FailedLayer;

/**
 * Refuses what can't be the result of a piece: of another shape, with numbers that aren't finite, or with other pairs than the piece has.
 *
 * @throws EnergyError `invalid-state` for what is refused
 */
export function checkResult(plan: Plan, { number, task }: Piece, { value, gradient }: StoredResult): void {
  const refuse = (why: string) => new EnergyError("invalid-state", `the result of piece ${number} is refused: ${why}.`);
  if (plan.kind === "table" && task.kind === "strip") {
    const parsed = v.safeParse(stripSchema, value);
    if (!parsed.success) throw refuse(`${v.getDotPath(parsed.issues[0]) ?? "value"}: ${parsed.issues[0].message}`);
    const counts = plan.gradient ? { ...task, from: Math.max(task.from, task.row) } : task;
    const due = counts.from < counts.to ? pairsOf(plan, counts) : 0;
    if (parsed.output.pairs !== due) throw refuse(`expected ${due} pairs, got ${parsed.output.pairs}`);
    const [first, end] = blockRows(plan, task.row);
    const numbers = plan.gradient ? (end - first) * plan.table.dim : 0;
    if ((gradient?.length ?? 0) !== numbers)
      throw refuse(`expected ${numbers} numbers of gradient, got ${gradient?.length ?? 0}`);
    if (gradient?.some((each) => !Number.isFinite(each))) throw refuse("its gradient isn't finite");
    return;
  }
  if (gradient !== undefined) throw refuse("it has a gradient, and none was asked for");
  if (task.kind !== "layer") {
    if (value === undefined) throw refuse("it has no numbers");
    return;
  }
  const isFailure = typeof value === "object" && value !== null && "problem" in value;
  const { valid, errors } = layerValidators()[isFailure ? "failed" : "layer"].validate(value);
  if (!valid) throw refuse(errors.at(-1)?.error.slice(0, 200) ?? "it doesn't fit the schema");
  const { layer, count, dim } = value as LayerAudit;
  const axes = neuronAxes(task.layer.shape, task.layer.layout);
  if (layer !== task.layer.name || (!isFailure && (count !== axes.count || dim !== axes.dim))) {
    throw refuse("it is of another layer");
  }
}
