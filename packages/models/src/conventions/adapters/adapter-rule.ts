/**
 * Adapters: small matrices that change a base model's. What they are to a network is ΔW, so that is what is audited, never
 * A and B apart; with the base model given, W + ΔW.
 *
 * - LoRA (Hu et al. 2021, arXiv 2106.09685): ΔW = s·B·A, s = α/r, or α/√r by rsLoRA (Kalajdzievski 2023, arXiv 2312.03732).
 * - DoRA (Liu et al. 2024, arXiv 2402.09353): W′ = m·(W + ΔW)/‖W + ΔW‖, lengths of single neurons: no direction changes.
 * - AdaLoRA (Zhang et al. 2023, arXiv 2303.10512): ΔW = s·B·diag(e)·A.
 * - OFT, BOFT (Qiu et al. 2023, arXiv 2306.07280; Liu et al. 2023, arXiv 2311.06243): W′ = W·R with R orthogonal. All neurons are
 *   turned alike, which changes no angle between them, and no energy.
 */
import { EnergyError } from "@comhe/core/layouts";
import { sizeOf } from "../../layer-source.js";
import type { StoredTensor } from "../../tensors/stored-tensor.js";
import type { Rule, RuleContext, TensorBag } from "../tensor-bag.js";
import { type AdapterConfig, adapterConfig, checkBase } from "./adapter-config.js";
import { type AdapterPart, adapterPart, type FoundPart } from "./adapter-parts.js";
import type { BaseTensors } from "./base-tensors.js";
import { lowRankTensor } from "./low-rank-product.js";
import { placeRotated } from "./place-rotated.js";

export const adapterRule: Rule = {
  name: "adapters",
  async apply(bag, context) {
    const modules = modulesOf(bag);
    if (modules.length === 0) {
      if (context.base) throw withoutAdapter(context.base);
      return;
    }
    const json = await context.adapterConfig?.();
    const config = adapterConfig(json);
    if (context.base) checkBase(config, context.base.name);
    for (const parts of modules) await place(bag, parts, config, context);
  },
};

/** Parts of each module that an adapter changes; names that only look like it (a lone `alpha`) are left alone. */
function modulesOf(bag: TensorBag): FoundPart[][] {
  const modules = new Map<string, FoundPart[]>();
  for (const tensor of bag) {
    const part = adapterPart(tensor.name);
    if (part === undefined) continue;
    const key = `${part.module}\n${part.adapter}`;
    modules.set(key, [...(modules.get(key) ?? []), { ...part, tensor }]);
  }
  return [...modules.values()].filter((parts) => parts.some(({ part }) => part !== "alpha" && part !== "magnitude"));
}

async function place(
  bag: TensorBag,
  parts: readonly FoundPart[],
  config: AdapterConfig,
  { base }: RuleContext,
): Promise<void> {
  const leaveOut = (reason: string) => {
    for (const { tensor } of parts) bag.leaveOut(tensor.name, reason);
  };
  const [{ module, adapter }] = parts as [FoundPart];
  const one = (part: AdapterPart["part"]) => parts.find((found) => found.part === part);
  if (one("rotation") !== undefined) return placeRotated(bag, parts, config, base);
  const other = one("other");
  if (other !== undefined) return leaveOut(`"${other.called}", a part of an adapter that isn't put together`);
  const [a, b] = [one("A"), one("B")];
  if (a === undefined || b === undefined) {
    return leaveOut(`a part of a LoRA product whose ${a === undefined ? "A" : "B"} isn't in the file`);
  }
  if (config.variant !== undefined) return leaveOut(`a part of ${config.variant}: not put together`);
  const shape = productShape(a, b);
  if (typeof shape === "string") return leaveOut(shape);
  const rank = a.tensor.shape[0]!;
  const magnitudes = one("magnitude")?.tensor;
  const factors = one("E")?.tensor;
  const scale = await scaleOf(module, rank, one("alpha"), config, a.called, factors !== undefined);
  const transposed = a.embedding || (config.fanInFanOut && base !== undefined && shape.length === 2);
  const stored = transposed && !a.embedding ? [...shape].reverse() : shape;
  const weight = base && baseWeight(base, module, stored);
  if (weight !== undefined && typeof scale === "string") {
    throw new EnergyError("unsupported", `The scale of "${module}" isn't known: ${scale}. W + ΔW can't be computed.`);
  }
  const product = lowRankTensor({
    name: weight?.name ?? `${module}.weight${adapter === "" ? "" : ` (${adapter})`}`,
    shape: stored,
    a: a.tensor,
    b: b.tensor,
    rank,
    scale: typeof scale === "string" ? 1 : scale,
    transposed,
    factors,
    base: weight,
    magnitudes: weight && magnitudes,
    note: noteOf({
      rank,
      shape,
      scale,
      weight,
      dora: magnitudes !== undefined,
      factors: factors !== undefined,
      config,
    }),
  });
  const bias = base && weight ? base.find(module, "bias") : undefined;
  bag.replace(
    parts.map(({ tensor }) => tensor.name),
    [placed(product, { embedding: a.embedding, transposed, config }), ...(bias && !bag.get(bias.name) ? [bias] : [])],
  );
}

/** [rows, columns], or a convolution's four axes; a reason where A and B don't fit each other. */
function productShape({ tensor: a, embedding }: FoundPart, { tensor: b }: FoundPart): number[] | string {
  const [rank, ...columns] = a.shape;
  const [rows, inner, ...kernel] = b.shape;
  if (columns.length === 0 || inner !== rank || kernel.some((size) => size !== 1) || rows === undefined) {
    return `LoRA factors of shapes [${a.shape.join(", ")}] and [${b.shape.join(", ")}], which have no product`;
  }
  return embedding ? [...columns, rows] : [rows, ...columns];
}

async function scaleOf(
  module: string,
  rank: number,
  alpha: FoundPart | undefined,
  config: AdapterConfig,
  called: string,
  hasFactors: boolean,
): Promise<number | string> {
  if (alpha !== undefined && sizeOf(alpha.tensor.shape) === 1) return (await alpha.tensor.read(0, 1))[0]! / rank;
  // Files without an α of their own are meant to be added as they are.
  if (called === "lora_down") return 1;
  const found = config.alpha(module);
  if (typeof found === "string") return found;
  return hasFactors ? adaLoraScale(found, rank) : config.scale(found, rank);
}

/** As PEFT's AdaLoRA multiplies: an α of 0 stands for r, and r, which training changes, is kept from being 0. */
const adaLoraScale = (alpha: number, rank: number): number => (alpha > 0 ? alpha : rank) / (rank + 1e-5);

/** @throws EnergyError `invalid-file` where the base model hasn't the matrix, or another one */
function baseWeight(base: BaseTensors, module: string, shape: readonly number[]): StoredTensor {
  const found = base.find(module, "weight");
  const what = `${base.name}: expected "${module}.weight" of shape [${shape.join(", ")}], which the adapter changes`;
  const reversed = [...shape].reverse().join();
  if (found === undefined)
    throw new EnergyError("invalid-file", `${what}; it has none. Is it this adapter's base model?`);
  if (found.shape.join() !== shape.join()) {
    const hint = found.shape.join() === reversed ? " It may be stored [in, out] (fan_in_fan_out)." : "";
    throw new EnergyError(
      "invalid-file",
      `${what}; got [${found.shape.join(", ")}].${hint} Is it this adapter's base model?`,
    );
  }
  if (!found.floating) throw new EnergyError("unsupported", `${what}; its numbers are ${found.dataType} codes.`);
  return found;
}

interface NoteParts {
  readonly rank: number;
  readonly shape: readonly number[];
  readonly scale: number | string;
  readonly weight: StoredTensor | undefined;
  readonly dora: boolean;
  readonly factors: boolean;
  readonly config: AdapterConfig;
}

function noteOf({ rank, shape, scale, weight, dora, factors, config }: NoteParts): string {
  const product = factors ? "B·diag(E)·A" : "B·A";
  const dim = sizeOf(shape.slice(1));
  const full = Math.min(dim, shape[0]!);
  const shown = typeof scale === "string" ? "" : `, scale ${Number(scale.toPrecision(4))}`;
  const notes = [
    `${weight ? "W + ΔW, " : ""}ΔW = ${product} of rank ${rank}${shown}${
      weight === undefined && rank < full ? `: all its neurons lie in ${rank} of ${dim} dimensions` : ""
    }`,
  ];
  if (typeof scale === "string") notes.push(`${scale}: its scale, which changes no direction, was taken as 1`);
  if (dora) notes.push(weight ? "DoRA: with the lengths that it learned" : "DoRA: its lengths belong to W + ΔW");
  if (config.initialization !== undefined) {
    notes.push(`initialized by ${config.initialization}: ${product} holds a part of the base model's matrix, too`);
  }
  return notes.join("; ");
}

/** A fused matrix is taken apart by what knows its parts; elsewhere the adapter says where neurons are. */
const fused = /(^|[._])(qkv|c_attn|wqkv|query_key_value|in_proj|gate_up)/i;

function placed(
  tensor: StoredTensor,
  { embedding, transposed, config }: { embedding: boolean; transposed: boolean; config: AdapterConfig },
): StoredTensor {
  if (embedding) return { ...tensor, known: { kind: "embedding", layout: "neurons-first" } };
  if (fused.test(tensor.name) || (config.kind === undefined && tensor.shape.length !== 2)) return tensor;
  const kind = tensor.shape.length > 2 ? "convolution" : "matrix";
  return { ...tensor, known: { kind, layout: transposed ? "neurons-last" : "neurons-first" } };
}

function withoutAdapter(base: BaseTensors): EnergyError {
  return new EnergyError(
    "invalid-file",
    `A base model was given (${base.name}), but the file holds no adapter: expected LoRA or OFT, in names such as lora_A.`,
  );
}
