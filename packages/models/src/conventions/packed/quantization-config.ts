/**
 * What config.json says of how weights are packed: `quantization_config` of transformers, `quantization` of MLX. Some
 * packings can't be told without it; nothing in it is believed where the shapes say otherwise.
 */
import type { ModelConfig } from "../../format.js";

export interface QuantizationConfig {
  /** "gptq", "awq", "fp8", "compressed-tensors", …; "" where it doesn't say. */
  readonly method: string;
  integer(key: string): number | undefined;
  text(key: string): string | undefined;
  integers(key: string): readonly number[] | undefined;
  /** A part of it, such as one layer's own settings. */
  part(key: string): QuantizationConfig | undefined;
  /** Names of its parts. */
  readonly keys: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

export function quantizationConfig(config: ModelConfig | undefined): QuantizationConfig | undefined {
  const found =
    config?.quantization_config ??
    config?.compression_config ??
    config?.quantization ??
    // Models of several modalities describe each in its own part.
    (config?.text_config as Json | undefined)?.quantization_config;
  return isObject(found) ? view(found) : undefined;
}

function view(json: Json): QuantizationConfig {
  const own = (key: string): unknown => (Object.hasOwn(json, key) ? json[key] : undefined);
  const text = (key: string) => {
    const value = own(key);
    return typeof value === "string" ? value.toLowerCase() : undefined;
  };
  return {
    method: text("quant_method") ?? "",
    keys: Object.keys(json),
    text,
    integer(key) {
      const value = own(key);
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    },
    integers(key) {
      const value = own(key);
      return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each))
        ? (value as number[])
        : undefined;
    },
    part(key) {
      const value = own(key);
      return isObject(value) ? view(value) : undefined;
    },
  };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
