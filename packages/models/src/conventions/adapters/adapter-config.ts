/**
 * adapter_config.json, as PEFT writes it: which kind of adapter the file beside it holds, and by what its products are
 * multiplied.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelConfig } from "../../format.js";

export interface AdapterConfig {
  /** "LORA", "OFT", …; `undefined` where no config lies beside the file. */
  readonly kind: string | undefined;
  /** Whether the matrices that it adapts are stored [in, out], as GPT-2's are. */
  readonly fanInFanOut: boolean;
  /** "pissa", …: what changes the base model before training. */
  readonly initialization: string | undefined;
  /** How many terms the series has that OFT's matrices are made by; `undefined` where they are made exactly. */
  readonly cayleyTerms: number | undefined;
  /** Why some of its products can't be what B·A says. */
  readonly variant: string | undefined;
  /**
   * α of a module, or the reason why it isn't known. The product's scale is α/r, or α/√r by rsLoRA.
   *
   * @param module its name in the base model
   */
  alpha(module: string): number | string;
  scale(alpha: number, rank: number): number;
}

/** Initializations that take the adapter's first product out of the base model's matrix. */
const changesBase = /^(pissa|olora|corda|loftq|lora_ga)/i;

export function adapterConfig(json: ModelConfig | undefined): AdapterConfig {
  const { peft_type: kind, fan_in_fan_out: fan, init_lora_weights: init, use_rslora: root } = json ?? {};
  const patterns = Object.entries(asRecord(json?.alpha_pattern)).map(([pattern, value]) => ({
    matches: patternOf(pattern),
    pattern,
    value,
  }));
  return {
    kind: typeof kind === "string" ? kind.toUpperCase() : undefined,
    fanInFanOut: fan === true,
    initialization: typeof init === "string" && changesBase.test(init) ? init : undefined,
    variant: variantOf(json ?? {}),
    cayleyTerms: cayleyTerms(json ?? {}),
    alpha(module) {
      for (const { matches, pattern, value } of patterns) {
        if (matches === undefined) return `the pattern "${pattern.slice(0, 60)}" of its alpha_pattern isn't read`;
        if (matches.test(module)) return numberOr(value, "alpha_pattern");
      }
      return numberOr(json?.lora_alpha, "lora_alpha");
    },
    scale: (alpha, r) => alpha / (root === true ? Math.sqrt(r) : r),
  };
}

const numberOr = (value: unknown, name: string): number | string =>
  typeof value === "number" && Number.isFinite(value) ? value : `no ${name} lies beside it (adapter_config.json)`;

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

function cayleyTerms({ use_cayley_neumann: used, num_cayley_neumann_terms: terms }: ModelConfig): number | undefined {
  if (used !== true) return undefined;
  return typeof terms === "number" && terms >= 1 && terms <= 100 ? Math.floor(terms) : 5;
}

function variantOf(json: ModelConfig): string | undefined {
  if (json.use_qalora === true) return "QA-LoRA, whose A reads means of groups";
  if (json.use_bdlora) return "block-diagonal LoRA";
  if (Array.isArray(json.target_parameters) && json.target_parameters.length > 0) {
    return "LoRA of parameters (target_parameters), whose products are of single experts";
  }
  return undefined;
}

/**
 * PEFT's patterns are regular expressions that have to match a module's name to its end, from its beginning or from a dot
 * on. They come with the file, so only those are taken that can't be made to run for hours: nothing repeated but single
 * characters, and no more than two of those.
 */
function patternOf(pattern: string): RegExp | undefined {
  const repeats = pattern.match(/(?<!\\)[*+{?]/g)?.length ?? 0;
  if (pattern.length > 200 || repeats > 2 || /(?<!\\)\)[*+{?]|\(\?|\\[1-9]/.test(pattern)) return undefined;
  try {
    return new RegExp(`^(?:.*\\.)?(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

/** @throws EnergyError `unsupported` where a base model can't give what was trained */
export function checkBase({ initialization, kind }: AdapterConfig, file: string): void {
  if (initialization === undefined) return;
  throw new EnergyError(
    "unsupported",
    `${file}: a ${kind ?? "LORA"} adapter initialized by "${initialization}", which changes the base model's own matrices: ` +
      "B·A on top of the original ones isn't what was trained. Merge it by PEFT (merge_and_unload) and audit that.",
  );
}
