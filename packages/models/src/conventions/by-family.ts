/**
 * Matrices that a network keeps in one order: if some of them say which, by their bias or their shape, the square ones
 * follow.
 *
 * - GPT-2's `c_attn`, `c_proj`, `c_fc`, `q_attn`: transformers' Conv1D is `[in, out]`, while nanoGPT, StarCoder and Qwen have
 *   Linear layers of the same names, `[out, in]`.
 * - `w`, `W1` …, of Haiku and of arrays that people save by hand.
 */

import type { StoredTensor } from "../tensors/stored-tensor.js";
import { biasEvidence } from "./by-bias.js";
import { configs, modelTypes } from "./model-config.js";
import type { RuleContext, TensorBag } from "./tensor-bag.js";
import { isEmbedding, parseName } from "./tensor-names.js";

export interface FamilyEvidence {
  readonly axes: readonly number[];
  readonly because: string;
}

type Family = "conv1d" | "w";
type Vote = 0 | 1 | undefined;

export function familyEvidence(
  bag: TensorBag,
  context: RuleContext,
): (tensor: StoredTensor) => FamilyEvidence | undefined {
  const width = modelWidth(bag, context);
  const votes: Record<Family, [number, number]> = { conv1d: [0, 0], w: [0, 0] };
  for (const tensor of bag) {
    const family = familyOf(tensor);
    if (family === undefined || tensor.known) continue;
    const vote = voteOf(bag, tensor, family, width);
    if (vote !== undefined) votes[family][vote]++;
  }
  const types = modelTypes(context);
  if (votes.conv1d[0] + votes.conv1d[1] === 0 && types.has("gpt2")) votes.conv1d[1] = 1;
  const verdicts = { conv1d: verdictOf(votes.conv1d), w: verdictOf(votes.w) };
  return (tensor) => {
    const family = familyOf(tensor);
    const verdict = family && verdicts[family];
    if (verdict === undefined || verdict === 0) return undefined;
    return {
      axes: [1],
      because:
        family === "conv1d"
          ? "GPT-2's Conv1D, [in, out], as the shapes of its kind in this file say"
          : "[in, out], as the biases of its kind in this file say",
    };
  };
}

function verdictOf([first, last]: readonly [number, number]): Vote {
  if (first > 0 === last > 0) return undefined;
  return last > 0 ? 1 : 0;
}

function familyOf({ name, shape, floating }: StoredTensor): Family | undefined {
  if (shape.length !== 2 || !floating) return undefined;
  const { variable, owner } = parseName(name);
  if (variable === "weight" && /^(c_attn|c_proj|c_fc|q_attn)$/.test(owner)) return "conv1d";
  if (/^[wW]\d*$/.test(variable) && !isEmbedding(name)) return "w";
  return undefined;
}

/** Which axis is the output. */
function voteOf(bag: TensorBag, tensor: StoredTensor, family: Family, width: number | undefined): Vote {
  const [rows, columns] = tensor.shape as [number, number];
  if (rows === columns) return undefined;
  const byBias = biasEvidence(bag, tensor)?.candidates;
  if (byBias?.length === 1 && byBias[0]!.length === 1) return byBias[0]![0] as Vote;
  if (family === "w") return undefined;
  const { owner } = parseName(tensor.name);
  // All but c_proj read the network's width, c_proj writes it.
  const widthAxis = width === rows ? 0 : width === columns ? 1 : undefined;
  if (widthAxis !== undefined) return owner === "c_proj" ? widthAxis : ((1 - widthAxis) as Vote);
  // Without a width to hold it to: c_attn and c_fc widen, the c_proj that isn't square narrows.
  const larger = rows > columns ? 0 : 1;
  return owner === "c_proj" ? ((1 - larger) as Vote) : larger;
}

/** The length of the tokens' vectors. */
function modelWidth(bag: TensorBag, context: RuleContext): number | undefined {
  for (const config of configs(context)) {
    const stated = config.whole("n_embd") ?? config.whole("hidden_size") ?? config.whole("d_model");
    if (stated !== undefined) return stated;
  }
  for (const { name, shape } of bag) if (shape.length === 2 && /(^|\.)(wte|wpe)\.weight$/.test(name)) return shape[1];
  return undefined;
}
