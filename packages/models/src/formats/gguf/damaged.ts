import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";

export function damaged(source: ByteSource, problem: string): EnergyError {
  return new EnergyError("invalid-file", `${source.name}: not a sound GGUF file: ${problem}.`);
}
