import type { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";

export function damaged(source: ByteSource, problem: string): EnergyError {
  return notSound(source.name, "GGUF file", problem);
}
