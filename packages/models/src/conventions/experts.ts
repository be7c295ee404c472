/**
 * A mixture of experts keeps the matrices of all its experts in one tensor: `[E, out, in]` (Mixtral, Qwen3-MoE and others since
 * transformers 5), or `[E, in, out]` (Llama 4, gpt-oss). Each expert is a matrix of its own; E is no number of neurons. What
 * the layout is, is told by a bias `[E, out]`, by the width of the network, or by the two matrices of an expert, of which one
 * reads what the other writes.
 *
 * Gate and up stay together where an expert has them in one matrix: they read the same numbers, and how they are interleaved
 * differs from model to model.
 */
import type { StoredTensor } from "../tensors/stored-tensor.js";
import { layerOf } from "./layer-of.js";
import { configs, modelTypes } from "./model-config.js";
import type { Rule, RuleContext, TensorBag } from "./tensor-bag.js";
import { biasNames, parseName } from "./tensor-names.js";

/** More are no experts. */
const mostExperts = 4096;

export const experts: Rule = {
  name: "experts",
  apply(bag, context) {
    const untold: StoredTensor[] = [];
    for (const stack of [...bag].filter(isStack)) {
      // The caller's word is about each expert's matrix; axes that are named are those of the whole.
      const told = context.layoutOf?.(stack.name);
      if (told === undefined) untold.push(stack);
      else if (told === "neurons-first") placeStack(bag, stack, { axis: 0, assumed: false });
      else if (told === "neurons-last") placeStack(bag, stack, { axis: 1, assumed: false });
    }
    for (const group of byModule(untold).values()) {
      const width = networkWidth(bag, context, group[0]!);
      for (const stack of group) placeStack(bag, stack, verdictFor(bag, context, group, stack, width));
    }
  },
};

const moduleOf = ({ name }: StoredTensor): string => parseName(name).module.replace(/(input|output)_linear[./]$/, "");

function byModule(stacks: readonly StoredTensor[]): Map<string, StoredTensor[]> {
  const groups = new Map<string, StoredTensor[]>();
  for (const stack of stacks) {
    const group = groups.get(moduleOf(stack));
    if (group) group.push(stack);
    else groups.set(moduleOf(stack), [stack]);
  }
  return groups;
}

function isStack({ name, shape, floating, known }: StoredTensor): boolean {
  if (!floating || known || shape.length !== 3 || shape.some((size) => size === 0) || shape[0]! > mostExperts)
    return false;
  const { variable } = parseName(name);
  if (/bias(es)?$/.test(variable)) return false;
  return /(^|[._/])(experts?|moe)([._/]|$)/i.test(name) || /\.(input|output)_linear\.weight$/.test(name);
}

/** What an expert's matrix writes and reads. */
type Part = "up" | "down" | undefined;

function partOf({ name }: StoredTensor): Part {
  const { variable, owner } = parseName(name);
  const own = variable === "weight" || variable === "kernel" ? owner : variable;
  if (
    /^(gate_up_proj|gate_proj|up_proj|w1|w3|w13|gate_and_up|input_linear|wi(_[01])?|fc1|linear_fc1)(_weight)?$/i.test(
      own,
    )
  )
    return "up";
  if (/^(down_proj|w2|output_linear|wo|fc2|linear_fc2)(_weight)?$/i.test(own)) return "down";
  return undefined;
}

interface Verdict {
  /** Which axis of an expert's matrix its neurons are. */
  readonly axis: 0 | 1;
  /** Nothing told it. */
  readonly assumed: boolean;
}

function verdictFor(
  bag: TensorBag,
  context: RuleContext,
  group: readonly StoredTensor[],
  stack: StoredTensor,
  width: number | undefined,
): Verdict {
  const own = ownVerdict(bag, stack, width);
  if (own !== undefined) return { axis: own, assumed: false };
  // All of a layer's experts are written in one order.
  for (const other of group) {
    const verdict = other === stack ? undefined : ownVerdict(bag, other, width);
    if (verdict !== undefined) return { axis: verdict, assumed: false };
  }
  const byPair = pairVerdict(group);
  if (byPair !== undefined) return { axis: byPair, assumed: false };
  const types = modelTypes(context);
  if (["llama4", "llama4_text", "gpt_oss"].some((type) => types.has(type))) return { axis: 1, assumed: false };
  return { axis: parseName(stack.name).variable === "kernel" ? 1 : 0, assumed: true };
}

function ownVerdict(bag: TensorBag, stack: StoredTensor, width: number | undefined): 0 | 1 | undefined {
  const [count, rows, columns] = stack.shape as [number, number, number];
  if (rows === columns) return undefined;
  const bias = biasNames(stack.name)
    .map((name) => bag.get(name))
    .find((found) => found?.shape.length === 2 && found.shape[0] === count);
  if (bias?.shape[1] === rows) return 0;
  if (bias?.shape[1] === columns) return 1;
  const part = partOf(stack);
  if (part === undefined || width === undefined || (rows === width) === (columns === width)) return undefined;
  const widthAxis = rows === width ? 0 : 1;
  return part === "down" ? widthAxis : ((1 - widthAxis) as 0 | 1);
}

/** The down matrix reads I numbers and writes the H that the up matrix reads, which writes I, or 2·I with its gates. */
function pairVerdict(group: readonly StoredTensor[]): 0 | 1 | undefined {
  const up = group.find((stack) => partOf(stack) === "up");
  const down = group.find((stack) => partOf(stack) === "down");
  if (up === undefined || down === undefined) return undefined;
  const [, a, b] = up.shape as [number, number, number];
  const [, c, d] = down.shape as [number, number, number];
  const gated = (wide: number, narrow: number) => wide === narrow || wide === 2 * narrow;
  const outFirst = b === c && gated(a, d);
  const inFirst = a === d && gated(b, c);
  return outFirst === inFirst ? undefined : outFirst ? 0 : 1;
}

/** H: of the router `[E, H]` beside the experts, or of the config. */
function networkWidth(bag: TensorBag, context: RuleContext, stack: StoredTensor): number | undefined {
  const parent = moduleOf(stack).replace(/experts?[./]([^./]+[./])?$/i, "");
  for (const name of ["gate.weight", "router.weight", "router.layer.weight", "gate.wg.weight"]) {
    const router = bag.get(`${parent}${name}`);
    if (router?.shape.length === 2 && router.shape[0] === stack.shape[0]) return router.shape[1];
  }
  const widths = new Set(configs(context).map((config) => config.whole("hidden_size") ?? config.whole("d_model")));
  const fitting = [...widths].filter((width) => width !== undefined && stack.shape.slice(1).includes(width));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function placeStack(bag: TensorBag, stack: StoredTensor, { axis, assumed }: Verdict): void {
  const [count, rows, columns] = stack.shape as [number, number, number];
  const { variable, owner } = parseName(stack.name);
  const own = variable === "weight" || variable === "kernel" ? owner : variable;
  const order = axis === 0 ? "[experts, out, in]" : "[experts, in, out]";
  const other = axis === 0 ? "neurons-last" : "neurons-first";
  const note = assumed
    ? `one of ${count} experts; ${order} was assumed (if it isn't so: --layout "${stack.name}=${other}")`
    : `one of ${count} experts, ${order}`;
  const layers = Array.from({ length: count }, (_, n) =>
    layerOf(stack, {
      name: `${stack.name} [expert ${n}]`,
      kind: "expert",
      role: `expert ${n}, ${own}`,
      layout: axis === 0 ? "neurons-first" : "neurons-last",
      note,
      from: n * rows * columns,
      shape: [rows, columns],
    }),
  );
  bag.place([stack.name], layers);
}
