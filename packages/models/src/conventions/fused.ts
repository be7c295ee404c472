/**
 * Matrices that hold several: queries, keys and values, or gate and up. They are taken apart along their neurons' axis, each
 * part a layer of its own. Where it can't be told which rows are whose, the matrix stays whole, and its note says so.
 */

import { bandOf } from "../tensors/band.js";
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { attentionShapes } from "./attention-shape.js";
import { type FusedMatrix, type FusedPlan, planners } from "./fused-plans.js";
import { layerOf } from "./layer-of.js";
import { modelTypes } from "./model-config.js";
import { type Orientation, orientations } from "./orientation.js";
import type { Rule, TensorBag } from "./tensor-bag.js";
import { parseName } from "./tensor-names.js";

export const fused: Rule = {
  name: "fused projections",
  apply(bag, context) {
    const shapes = attentionShapes(context);
    const types = modelTypes(context);
    const orientationOf = orientations(bag, context);
    for (const tensor of bag) {
      if (!tensor.floating || tensor.shape.length !== 2 || tensor.shape.includes(0)) continue;
      const owner = ownerOf(tensor.name);
      const planner = planners.get(owner);
      if (planner === undefined) continue;
      const placed = orientationOf(tensor);
      const axis = matrixAxis(placed);
      if (axis === undefined) continue;
      const [rows, columns] = [tensor.shape[axis]!, tensor.shape[1 - axis]!];
      const matrix: FusedMatrix = { owner, rows, columns, shapes, types };
      const plan = planner(matrix);
      if (plan === undefined) continue;
      if (typeof plan === "string") keepWhole(bag, tensor, placed, plan);
      else takeApart(bag, tensor, placed, axis, plan);
    }
  },
};

/** "layers.0.attn.c_attn.weight" → "c_attn"; "self_attn.in_proj_weight" → "in_proj_weight". */
function ownerOf(name: string): string {
  const { variable, owner } = parseName(name);
  return /^(weight|kernel|w)$/.test(variable) ? owner : variable;
}

function matrixAxis({ layout, shape }: Orientation): 0 | 1 | undefined {
  if (shape !== undefined) return undefined;
  if (layout === "neurons-first") return 0;
  if (layout === "neurons-last") return 1;
  if (typeof layout !== "object" || layout.neuronAxes.length !== 1) return undefined;
  const [axis] = layout.neuronAxes;
  return axis === 0 || axis === -2 ? 0 : 1;
}

function keepWhole(bag: TensorBag, tensor: StoredTensor, placed: Orientation, why: string): void {
  bag.place([tensor.name], [layerOf(tensor, { ...placed, note: joined(why, placed.note) })]);
}

function takeApart(bag: TensorBag, tensor: StoredTensor, placed: Orientation, axis: 0 | 1, plan: FusedPlan): void {
  const { groups, parts, order } = plan;
  let from = 0;
  const layers = parts.map(({ role, size }) => {
    const band = bandOf(tensor, { axis, groups, from, size });
    from += size;
    const note = joined(`part of "${tensor.name}": ${order}`, placed.note);
    return layerOf(band, { ...placed, name: `${tensor.name} [${role}]`, role, note });
  });
  bag.place([tensor.name], layers);
}

const joined = (...notes: readonly (string | undefined)[]) => notes.filter((note) => note !== undefined).join("; ");
