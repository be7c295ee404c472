/**
 * What the names in an adapter's file say: which module of the base model a tensor belongs to, and which part of the
 * module's change it is. PEFT names parts `lora_A`, `lora_B`; training scripts for diffusion models `lora_down`, `lora_up`.
 */
import type { StoredTensor } from "../../tensors/stored-tensor.js";

export interface AdapterPart {
  /** In the base model. */
  readonly module: string;
  readonly part: "A" | "B" | "E" | "alpha" | "magnitude" | "bias" | "rotation" | "other";
  /** A and B of an embedding, whose matrix is (B·A)ᵀ. */
  readonly embedding: boolean;
  /** Which adapter it belongs to, where one file holds several. */
  readonly adapter: string;
  /** What the file calls the part: "lora_A". */
  readonly called: string;
}

export interface FoundPart extends AdapterPart {
  readonly tensor: StoredTensor;
}

const parts: Readonly<Record<string, AdapterPart["part"]>> = {
  lora_A: "A",
  lora_B: "B",
  lora_embedding_A: "A",
  lora_embedding_B: "B",
  lora_E: "E",
  lora_magnitude_vector: "magnitude",
  oft_R: "rotation",
  oft_r: "rotation",
  oft_s: "rotation",
  boft_R: "rotation",
  boft_s: "rotation",
};

/** Kinds of adapters whose parts aren't put together here. */
const otherParts =
  /^(lora_|hada_|lokr_|ia3_|vera_|oft_|boft_|hra_|fourierft_|vblora_|randlora_|ran_num|bone_|miss_|shira_|c3a_|road_|waveft_|poly_lora_|ranknum)/;

/** `undefined` for what belongs to no adapter, such as a whole layer that was trained beside it. */
export function adapterPart(name: string): AdapterPart | undefined {
  return peftPart(name) ?? diffusionPart(name);
}

function peftPart(name: string): AdapterPart | undefined {
  const segments = name.split(".");
  const at = segments.findIndex((segment) => Object.hasOwn(parts, segment) || otherParts.test(segment));
  if (at <= 0 || /^lora_(down|up|mid)$/.test(segments[at]!)) return undefined;
  const called = segments[at]!;
  const rest = segments.slice(at + 1);
  const last = rest.at(-1);
  if (last === "weight" || last === "bias") rest.pop();
  const part = last === "bias" ? "bias" : Object.hasOwn(parts, called) ? parts[called]! : "other";
  const module = moduleName(segments.slice(0, at));
  return { module, part, embedding: called.startsWith("lora_embedding"), adapter: rest.join("."), called };
}

/** PEFT wraps the base model twice over, and a layer that it adapts once more. */
function moduleName(segments: readonly string[]): string {
  const [first, second, ...rest] = segments;
  const inner = first === "base_model" && second === "model" ? rest : segments;
  return inner.filter((segment, n) => !(segment === "base_layer" && n === inner.length - 1)).join(".");
}

function diffusionPart(name: string): AdapterPart | undefined {
  const match = /^(.+?)[._]lora[._](down|up|mid)\.weight$/.exec(name);
  if (match) {
    const part = match[2] === "down" ? "A" : match[2] === "up" ? "B" : "other";
    return { module: match[1]!, part, embedding: false, adapter: "", called: `lora_${match[2]}` };
  }
  const extra = /^(.+)\.(alpha|dora_scale)$/.exec(name);
  if (!extra) return undefined;
  const [, module, called] = extra;
  return {
    module: module!,
    part: called === "alpha" ? "alpha" : "magnitude",
    embedding: false,
    adapter: "",
    called: called!,
  };
}
